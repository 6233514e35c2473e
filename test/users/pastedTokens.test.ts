import { describe, expect, it } from "vitest";
import { links } from "../../src/platform/mail/links.ts";
import { tokenFrom } from "../../src/platform/mail/tokenFrom.ts";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, config, db } = await testHouston();
const root = await build.systemAdmin();
const url = links(config);

/** What people paste, made from a token and its link. */
const pasted: [string, (token: string, link: string) => string][] = [
  ["with spaces around it", (token) => `  ${token} `],
  ["with a line break after it", (token) => `${token}\r\n`],
  ["with a line break before it", (token) => `\n\t${token}`],
  ["with a no-break and a zero-width space", (token) => `\u00a0${token}\u200b`],
  ["as the whole link", (_, link) => link],
  ["as the link in angle brackets", (_, link) => `<${link}>\n`],
  ["as a link that the mail program wrapped", (_, link) => `${link.slice(0, -20)}\n ${link.slice(-20)}\n`],
  ["as the link and the text after it", (_, link) => `${link}\n\nThe link expires in 24 hours.`],
  ["as a link with more parameters", (_, link) => `${link.replace("?", "?utm=mail&")}&lang=en#top`],
];

const soon = () => new Date(Date.now() + 60_000);

describe("a token from an e-mail, pasted", () => {
  it.each(pasted)("%s, confirms an address", async (_, paste) => {
    const user = await build.user({ status: "pending" });
    const token = newToken();
    const data = { verified: false, confirmTokenHash: hashOf(token), confirmTokenExpiresAt: soon() };
    await db.email.updateMany({ where: { userId: user.id }, data });
    const given = paste(token, url.confirm(token));
    const found = await as(root).send(`query ($token: String) { email(where: { token: $token }) { address } }`, {
      token: given,
    });
    expect(found.data.email).toEqual({ address: user.email });
    const confirm = `mutation ($token: String!) { confirmEmail(token: $token) { user { id } } }`;
    expect((await as(undefined).send(confirm, { token: given })).data.confirmEmail.user.id).toBe(user.id);
  });

  it.each(pasted)("%s, resets a password", async (_, paste) => {
    const user = await build.user();
    const token = newToken();
    const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt: soon() };
    await db.localCredential.create({ data: { userId: user.id, passwordHash: "!", ...reset } });
    const document = `mutation ($token: String!) {
      resetPassword(token: $token, password: "correct horse") { user { id } }
    }`;
    const { data } = await as(undefined).send(document, { token: paste(token, url.reset(token)) });
    expect(data.resetPassword.user.id).toBe(user.id);
  });

  it.each(pasted)("%s, accepts an invitation", async (_, paste) => {
    const token = newToken();
    const email = `${token.replace(/\W/g, "x").toLowerCase()}@example.com`;
    await db.invite.create({ data: { email, tokenHash: hashOf(token), expiresAt: soon() } });
    const document = `mutation ($email: String!, $inviteToken: String) {
      createUser(email: $email, password: "correct horse", inviteToken: $inviteToken) { token { value } }
    }`;
    const inviteToken = paste(token, url.invite(token));
    expect(outcomeOf(await as(undefined).send(document, { email, inviteToken }))).toBe("ok");
  });

  it.each(["", " \n", "https://app.example.com/confirm-email", "https://app.example.com/confirm-email?token="])(
    "is rejected by name if it contains none: %j",
    async (token) => {
      const confirm = `mutation ($token: String!) { confirmEmail(token: $token) { user { id } } }`;
      expect(outcomeOf(await as(undefined).send(confirm, { token }))).toBe("BAD_USER_INPUT token");
    },
  );

  it("is not looked for in more than 2,000 characters, because that would take quadratic time", () => {
    expect(tokenFrom(` ${"x".repeat(1_900)}`)).toBe("x".repeat(1_900));
    const long = `x${" ".repeat(2_000)}x `;
    expect(tokenFrom(long)).toBe(long);
  });
});
