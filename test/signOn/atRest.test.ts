import { expect, it } from "vitest";
import { reencrypt } from "../../src/platform/secrets/reencrypt.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { idTokenOf } from "../../src/services/signOn/idToken.ts";
import { watchChanges } from "../audit/watchChanges.ts";
import { testSecret } from "../support/app.ts";
import { signOnHouston } from "../support/signOn.ts";

const { base, browser, db, app, idps, build } = await signOnHouston({
  custom: { displayName: "Example ID", emailDomains: ["example.com"] },
});
await build.systemAdmin();
let count = 0;
const signIn = async () => {
  const email = `someone${++count}@example.com`;
  idps.custom.account({ email, email_verified: true });
  const visitor = browser();
  const { url } = await visitor.signIn("custom");
  const session = await db.session.findFirst({ where: { user: { username: email } } });
  return { visitor, url, email, session };
};

it("S2: an ID token that was moved to another session is refused, and signing out works without it", async () => {
  const [one, other] = [await signIn(), await signIn()];
  const [first, second] = [one.session, other.session];
  if (!first || !second) throw new Error("not signed in");
  expect(await idTokenOf(app.services, first.id)).toMatch(/^ey/);
  const column = encryptedColumns.find(({ name }) => name === "Session.idTokenEncrypted");
  if (!column) throw new Error("not listed");
  const box = secretBox([testSecret]);
  expect(await reencrypt(app.services.pool, box, [column])).toMatchObject({ unreadable: [] });
  await db.session.update({ where: { id: first.id }, data: { idTokenEncrypted: second.idTokenEncrypted } });
  await expect(idTokenOf(app.services, first.id)).rejects.toThrow("No key in encryption.keys opens the value of");
  expect((await reencrypt(app.services.pool, box, [column])).unreadable).toHaveLength(1);
  const answer = await one.visitor.houston.fill(`${base}/app/sign-out`, "Sign out");
  expect(answer.headers.get("location")).toBe("login?done=signedOut");
});

it("S8: nobody signs in, up or out of an account while it cannot be recorded", async () => {
  const known = await signIn();
  const watch = await watchChanges(db);
  await watch.whileFailing(async () => {
    expect((await known.visitor.signIn("custom")).url).toBe(`${base}/app/login?refused=failed`);
    const failed = await signIn();
    expect(failed.url).toBe(`${base}/app/login?refused=failed`);
    expect(await db.user.count({ where: { username: failed.email } })).toBe(0);
  });
  expect(await db.session.count({ where: { userId: known.session?.userId ?? "" } })).toBe(1);
  expect((await signIn()).url).toBe(`${base}/app/`);
});
