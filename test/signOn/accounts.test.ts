import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import { PASSWORD } from "../support/signIns.ts";
import { signOnHouston } from "../support/signOn.ts";

const houston = await signOnHouston({
  // Speaks for example.com, and for example.org too.
  custom: { emailDomains: ["example.com", "example.org"] },
  // Signs anybody in, with any address.
  okta: {},
  microsoft: { emailDomains: ["example.com"], tenants: ["tenant"] },
  google: { emailDomains: ["example.com"], hostedDomains: ["example.com"] },
});
const { base, browser, db, idps, build } = houston;
await build.systemAdmin();
const open = await signOnHouston({ custom: {} }, { publicSignups: true });
await open.build.systemAdmin();
const relaxed = await signOnHouston(
  { custom: { emailDomains: ["example.com"] } },
  {
    publicSignups: true,
    emailConfirmation: false,
  },
);
await relaxed.build.systemAdmin();

const refusedWith = (reason: string, at = base) => `${at}/app/login?refused=${reason}`;
const first = `${base}/app/`;
let count = 0;
const address = (domain = "example.com") => `someone${++count}@${domain}`;
const identities = (userId: string) =>
  db.identity.findMany({ where: { userId }, select: { provider: true }, orderBy: { provider: "asc" } });

/** A user with a proven address and a password. */
async function proven(email: string) {
  const localCredential = { create: { passwordHash: bcrypt.hashSync(PASSWORD, 4) } };
  const { id } = await build.user({ email, localCredential });
  await db.session.deleteMany({ where: { userId: id } });
  return id;
}

describe("T24: an account with the address", () => {
  it("is linked if the provider verified the address and speaks for its domain; its password stays", async () => {
    const email = address();
    const userId = await proven(email);
    idps.custom.account({ email, email_verified: true });
    expect((await browser().signIn("custom")).url).toBe(first);
    expect(await identities(userId)).toEqual([{ provider: "custom" }]);
    const entry = await db.auditEntry.findFirstOrThrow({ where: { action: "linkIdentity", entityId: userId } });
    expect(entry.detail).toMatchObject({ provider: "custom", issuer: idps.custom.issuer, email });
    const credential = await db.localCredential.findUniqueOrThrow({ where: { userId } });
    expect(credential.passwordHash).not.toBe("!");
  });

  it.each([
    ["that does not speak for the domain", "okta", { email_verified: true }],
    ["that does not say whether it is verified", "custom", {}],
    ["that says it is not verified", "custom", { email_verified: false }],
    ["that says so in another claim", "custom", { email_verified: "no", verified: true }],
  ] as const)("is not linked to a provider %s", async (_, provider, claims) => {
    const email = address();
    const userId = await proven(email);
    idps[provider].account({ email, ...claims });
    const answer = await browser().signIn(provider);
    expect(answer.url).toBe(refusedWith("addressInUse"));
    expect(answer.text).toContain("Sign in as before");
    expect(await identities(userId)).toEqual([]);
    expect(await db.session.count({ where: { userId } })).toBe(0);
  });

  it("is that of the first provider: a second one with the address gets nothing", async () => {
    const email = address();
    idps.custom.account({ email, email_verified: true }, "same-subject");
    await browser().signIn("custom");
    const { userId } = await db.identity.findFirstOrThrow({ where: { subject: "same-subject" } });
    // Even with the same subject: it is another issuer.
    idps.okta.account({ email, email_verified: true }, "same-subject");
    expect((await browser().signIn("okta")).url).toBe(refusedWith("addressInUse"));
    expect(await identities(userId)).toEqual([{ provider: "custom" }]);
  });

  it("is linked once of several sign-ins at the same moment", async () => {
    const email = address();
    const userId = await proven(email);
    idps.custom.account({ email, email_verified: true });
    const callbacks = [];
    for (let n = 0; n < 4; n += 1) {
      const visitor = browser();
      callbacks.push({ visitor, url: await visitor.toCallback("custom") });
    }
    const answers = await Promise.all(callbacks.map(({ visitor, url }) => visitor.go(url)));
    expect(answers.map(({ url }) => url)).toEqual(Array(4).fill(first));
    expect(await identities(userId)).toEqual([{ provider: "custom" }]);
  });

  it("is taken from whoever chose a password for it, or signed in with another provider, before it was proven", async () => {
    const email = address();
    const { idps: other, db: theirs, base: at, browser: their } = relaxed;
    const SIGN_UP =
      "mutation ($email: String!, $password: String!) { createUser(email: $email, password: $password) { token { value } } }";
    await relaxed.as(undefined).send(SIGN_UP, { email, password: PASSWORD });
    const { userId } = await theirs.email.findUniqueOrThrow({ where: { address: email } });
    await theirs.identity.create({
      data: { userId, provider: "okta", issuer: "https://okta.example.com", subject: "attacker" },
    });
    other.custom.account({ email, email_verified: true });
    expect((await their().signIn("custom")).url).toBe(`${at}/app/`);
    const rows = await theirs.identity.findMany({ where: { userId }, select: { provider: true } });
    expect(rows).toEqual([{ provider: "custom" }]);
    expect((await theirs.localCredential.findUniqueOrThrow({ where: { userId } })).passwordHash).toBe("!");
    expect(await theirs.session.count({ where: { userId } })).toBe(1);
    expect(await theirs.email.findUniqueOrThrow({ where: { address: email } })).toMatchObject({ proven: true });
  });
});

describe("an address that was not proven", () => {
  it("takes the account from whoever signed in with a provider, when its owner sets a password", async () => {
    const email = address();
    open.idps.custom.account({ email, email_verified: true });
    expect((await open.browser().signIn("custom")).url).toBe(`${open.base}/app/`);
    const { userId } = await open.db.email.findUniqueOrThrow({ where: { address: email } });
    const token = newToken();
    const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt: new Date(Date.now() + 60_000) };
    await open.db.localCredential.create({ data: { userId, passwordHash: "!", ...reset } });
    const RESET = "mutation ($t: String!, $p: String!) { resetPassword(token: $t, password: $p) { user { id } } }";
    const { data } = await open.as(undefined).send(RESET, { t: token, p: PASSWORD });
    expect(data.resetPassword.user.id).toBe(userId);
    expect(await open.db.identity.count({ where: { userId } })).toBe(0);
    expect((await open.browser().signIn("custom")).url).toBe(refusedWith("addressInUse", open.base));
  });
});

describe("signing up with a provider", () => {
  it("needs an invitation where the provider does not speak for the domain", async () => {
    const email = address();
    idps.okta.account({ email, email_verified: true });
    expect((await browser().signIn("okta")).url).toBe(refusedWith("notInvited"));
    idps.custom.account({ email, email_verified: false });
    expect((await browser().signIn("custom")).url).toBe(refusedWith("unverified"));
    const admin = await build.systemAdmin();
    const { workspace } = await build.workspace();
    const invite = async (to: string) => {
      const token = newToken();
      const expiresAt = new Date(Date.now() + 60_000);
      const given = { email: to, workspaceId: workspace.id, role: "WORKSPACE_EDITOR", expiresAt } as const;
      await db.invite.create({ data: { ...given, tokenHash: hashOf(token), invitedBy: `user:${admin.id}` } });
      return token;
    };
    const query = (token: string) => `&inviteToken=${token}`;
    expect((await browser().signIn("okta", query(await invite(address())))).url).toBe(refusedWith("otherInvitation"));
    const { text } = await browser().go(`app/signup?inviteToken=${await invite(email)}`);
    const link = /href="([^"]*provider=okta[^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect((await browser().go(new URL(link, `${base}/app/`).href)).url).toBe(first);
    const { userId } = await db.email.findUniqueOrThrow({ where: { address: email } });
    const bindings = await db.roleBinding.findMany({ where: { userId }, select: { role: true, workspaceId: true } });
    expect(bindings).toEqual([{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }]);
  });

  it("is open to verified addresses with public sign-up, which does not prove them", async () => {
    const email = address();
    open.idps.custom.account({ email });
    expect((await open.browser().signIn("custom")).url).toBe(refusedWith("unverified", open.base));
    open.idps.custom.account({ email, email_verified: true });
    expect((await open.browser().signIn("custom")).url).toBe(`${open.base}/app/`);
    expect(await open.db.email.findUniqueOrThrow({ where: { address: email } })).toMatchObject({
      verified: true,
      proven: false,
    });
  });

  it("needs an address", async () => {
    for (const email of [undefined, "", "nobody", "a\0b@example.com", 7]) {
      idps.custom.account({ email, email_verified: true });
      expect((await browser().signIn("custom")).url).toBe(refusedWith("noAddress"));
    }
  });
});

describe("Microsoft", () => {
  it("knows accounts by tenant and object, and an address counts for listed domains", async () => {
    const email = address();
    idps.microsoft.account({ preferred_username: email, tid: "tenant", oid: "object" });
    expect((await browser().signIn("microsoft")).url).toBe(first);
    const identity = await db.identity.findFirstOrThrow({ where: { subject: "tenant:object" } });
    idps.microsoft.account({ preferred_username: address("elsewhere.example"), tid: "tenant", oid: "object" });
    await browser().signIn("microsoft");
    expect(await db.session.count({ where: { userId: identity.userId } })).toBe(2);
    idps.microsoft.account({ preferred_username: address("elsewhere.example"), tid: "tenant", oid: "other" });
    expect((await browser().signIn("microsoft")).url).toBe(refusedWith("notInvited"));
    idps.microsoft.account({ preferred_username: address(), tid: "another tenant", oid: "object" });
    expect((await browser().signIn("microsoft")).url).toBe(refusedWith("organization"));
    idps.microsoft.account({ preferred_username: email });
    expect((await browser().signIn("microsoft")).url).toBe(refusedWith("invalid"));
  });
});

describe("Google", () => {
  it("signs in accounts of the listed domains only, by the claim", async () => {
    const visitor = browser();
    const { url } = await visitor.go("v1/oauth/login?provider=google", (at) => at.startsWith(idps.google.issuer));
    expect(new URL(url).searchParams.get("hd")).toBe("example.com");
    idps.google.account({ email: address(), email_verified: true });
    expect((await browser().signIn("google")).url).toBe(refusedWith("organization"));
    idps.google.account({ email: address(), email_verified: true, hd: "evil.example" });
    expect((await browser().signIn("google")).url).toBe(refusedWith("organization"));
    idps.google.account({ email: address(), email_verified: true, hd: "example.com" });
    expect((await browser().signIn("google")).url).toBe(first);
  });
});
