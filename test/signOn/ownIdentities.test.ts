import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { PASSWORD } from "../support/signIns.ts";
import { signOnHouston } from "../support/signOn.ts";

const houston = await signOnHouston({ custom: { displayName: "Example ID" }, okta: { emailDomains: ["example.com"] } });
const { base, browser, db, idps, build } = houston;
await build.systemAdmin();
const account = `${base}/app/account`;

/** Someone who has just signed in with a password. */
async function signedIn() {
  const localCredential = { create: { passwordHash: bcrypt.hashSync(PASSWORD, 10) } };
  const user = await build.user({ localCredential });
  await db.session.deleteMany({ where: { userId: user.id } });
  const visitor = browser();
  await visitor.houston.fill(`${base}/app/login`, "Sign in", { identity: user.email, password: PASSWORD });
  return { user, visitor };
}
type Visitor = Awaited<ReturnType<typeof signedIn>>["visitor"];

/** Presses the button, and returns where the link leads to. */
async function askFor(visitor: Visitor, button: string) {
  const { text } = await visitor.houston.fill(account, button);
  return new URL(/href="([^"]*oauth\/login[^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "", account).href;
}
const providersOf = async (userId: string) =>
  (await db.identity.findMany({ where: { userId } })).map(({ provider }) => provider).sort();
const actionsOf = async (entityId: string) =>
  (
    await db.auditEntry.findMany({
      where: { entityId, action: { contains: "Identity" } },
      orderBy: { sequence: "asc" },
    })
  ).map(({ action, actor }) => [action, actor === `user:${entityId}`]);

describe("the account page", () => {
  it("adds an account at a provider, whatever its address, and removes it", async () => {
    const { user, visitor } = await signedIn();
    const link = await askFor(visitor, "Add Example ID");
    idps.custom.account({ email: "private@elsewhere.example" });
    const answer = await visitor.go(link);
    expect(answer.url).toBe(`${account}?done=identityAdded`);
    expect(await providersOf(user.id)).toEqual(["custom"]);
    // The session is the one from before.
    expect(await db.session.count({ where: { userId: user.id } })).toBe(1);
    expect((await browser().signIn("custom")).url).toBe(`${base}/app/`);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(2);
    await visitor.houston.fill(account, 'Remove<span class="spoken">  Example ID</span>');
    expect(await providersOf(user.id)).toEqual([]);
    expect((await browser().signIn("custom")).url).toBe(`${base}/app/login?refused=notInvited`);
    expect(await actionsOf(user.id)).toEqual([
      ["linkIdentity", true],
      ["unlinkIdentity", true],
    ]);
  });

  it("adds none that another user has", async () => {
    const one = await signedIn();
    idps.custom.account({ email: "one@elsewhere.example" });
    await one.visitor.go(await askFor(one.visitor, "Add Example ID"));
    const { user, visitor } = await signedIn();
    const answer = await visitor.go(await askFor(visitor, "Add Example ID"));
    expect(answer.url).toBe(`${base}/app/login?refused=identityInUse`);
    expect(answer.text).toContain("belongs to another user");
    expect(await providersOf(user.id)).toEqual([]);
  });

  it("adds one to whoever pressed the button only: not by a link, nor after they have signed out", async () => {
    const { user, visitor } = await signedIn();
    idps.custom.account({ email: "attacker@elsewhere.example" });
    expect((await visitor.signIn("custom", "&linkSession=x")).url).toBe(`${base}/app/login?refused=notInvited`);
    const link = await askFor(visitor, "Add Example ID");
    await visitor.houston.fill(`${base}/app/sign-out`, "Sign out");
    expect((await visitor.go(link)).url).toBe(`${base}/app/login?refused=expired`);
    expect(await providersOf(user.id)).toEqual([]);
    // Somebody else has signed in in the same browser meanwhile.
    const [one, other] = [await signedIn(), await signedIn()];
    const theirs = await askFor(one.visitor, "Add Example ID");
    for (const [name, value] of other.visitor.houston.cookies) one.visitor.houston.cookies.set(name, value);
    expect((await one.visitor.go(theirs)).url).toBe(`${base}/app/login?refused=expired`);
    expect([...(await providersOf(one.user.id)), ...(await providersOf(other.user.id))]).toEqual([]);
  });

  it("changes them within 5 minutes after signing in only", async () => {
    const { user, visitor } = await signedIn();
    await db.session.updateMany({
      where: { userId: user.id },
      data: { createdAt: new Date(Date.now() - 6 * 60_000) },
    });
    const { text } = await visitor.go(account);
    expect(text).not.toContain("Add Example ID");
    expect(text).toContain("login?as=other&rd=account");
  });

  it("keeps the only way to sign in", async () => {
    const visitor = browser();
    idps.okta.account({ email: "only@example.com", email_verified: true });
    await visitor.signIn("okta");
    const { text } = await visitor.go(account);
    expect(text).toContain("Okta<span>Since");
    expect(text).not.toContain("Remove");
    const { userId, id } = await db.identity.findFirstOrThrow({ where: { provider: "okta" } });
    const form = /name="formToken" value="([^"]+)"/.exec(text)?.[1] ?? "";
    const body = new URLSearchParams({ formToken: form, do: "removeIdentity", identityId: id }).toString();
    const answer = await visitor.houston.post(account, body);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("this is your only way to sign in");
    expect(await providersOf(userId)).toEqual(["okta"]);
  });
});
