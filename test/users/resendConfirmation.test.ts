import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });
await build.systemAdmin();

const resend = (email: string) =>
  as(undefined).send(`mutation ($email: String!) { resendConfirmation(email: $email) }`, { email });
const confirm = (token: string) =>
  as(undefined).send(`mutation ($token: String!) { confirmEmail(token: $token) { isAdmin } }`, { token });

describe("resendConfirmation", () => {
  it("T17: sends a new link and revokes the previous one", async () => {
    await as(undefined).send(
      `mutation { createUser(email: "ada@example.com", password: "correct horse") { token { value } } }`,
    );
    const first = await mailbox.token("confirm", "ada@example.com");
    expect((await resend("Ada@Example.com")).data.resendConfirmation).toBe(true);
    const second = await mailbox.token("confirm", "ada@example.com", 2);
    expect((await confirm(first)).errors).toMatchObject([{ extensions: { argument: "token" } }]);
    expect((await confirm(second)).errors).toBeUndefined();
  });

  it("T23: returns the same for unknown and verified addresses, and sends no mail", async () => {
    const verified = await build.user();
    for (const address of [verified.email, "nobody@example.com"]) {
      const { data, errors } = await resend(address);
      expect(errors).toBeUndefined();
      expect(data.resendConfirmation).toBe(true);
    }
    await mailbox.settled(db);
    expect(await mailbox.mails("confirm", verified.email)).toEqual([]);
    expect(await mailbox.mails("confirm", "nobody@example.com")).toEqual([]);
    const stored = await db.email.findUniqueOrThrow({ where: { address: verified.email } });
    expect(stored.confirmTokenHash).toBeNull();
  });

  it("rejects malformed addresses", async () => {
    expect((await resend("nobody")).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", argument: "email" } },
    ]);
  });
});
