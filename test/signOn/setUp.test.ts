import { expect, it } from "vitest";
import { signOnHouston } from "../support/signOn.ts";

const SETUP_TOKEN = "set-up-token-of-a-test";

const start = () =>
  signOnHouston(
    { custom: { displayName: "Example ID" } },
    { auth: { setupToken: SETUP_TOKEN, local: { enabled: false } } },
  );

it("the first to sign in becomes System Admin with the set-up token only", async () => {
  const { base, browser, db, idps } = await start();
  idps.custom.account({ email: "first@example.com", name: "First" });
  const visitor = browser();
  const refused = await visitor.signIn("custom");
  expect(refused.url).toBe(`${base}/app/signup?refused=setupToken`);
  expect(refused.text).toContain("needs the set-up token");
  expect(refused.text).not.toContain('name="password"');
  expect(await db.user.count()).toBe(0);

  const fill = (providerSetupToken: string) =>
    visitor.houston.fill(`${base}/app/signup`, "Continue", { providerSetupToken });
  const wrong = await fill("not the token");
  expect(wrong.status).toBe(403);
  expect(wrong.text).toContain("This is not the set-up token");
  const right = await fill(` ${SETUP_TOKEN} `);
  expect(right.text).toContain("Sign in with Example ID");
  expect((await visitor.signIn("custom")).url).toBe(`${base}/app/`);
  const [user, ...others] = await db.user.findMany({ include: { roleBindings: true, emails: true } });
  expect(others).toEqual([]);
  expect(user).toMatchObject({
    fullName: "First",
    roleBindings: [{ role: "SYSTEM_ADMIN" }],
    emails: [{ address: "first@example.com", proven: true }],
  });

  // The next one is somebody like everybody else, with the cookie too.
  visitor.forgetProviders();
  idps.custom.account({ email: "second@example.com" });
  expect((await visitor.signIn("custom")).url).toBe(`${base}/app/login?refused=notInvited`);
});

it("of 10 who sign in first with the token, one becomes System Admin", async () => {
  const { base, browser, db, idps } = await start();
  const callbacks = [];
  for (let n = 0; n < 10; n += 1) {
    const visitor = browser();
    await visitor.houston.fill(`${base}/app/signup`, "Continue", { providerSetupToken: SETUP_TOKEN });
    idps.custom.account({ email: `first${n}@example.com`, email_verified: true });
    callbacks.push({ visitor, url: await visitor.toCallback("custom") });
  }
  const answers = await Promise.all(callbacks.map(({ visitor, url }) => visitor.go(url)));
  expect(answers.filter(({ url }) => url === `${base}/app/`)).toHaveLength(1);
  expect(await db.user.count()).toBe(1);
  expect(await db.roleBinding.count({ where: { role: "SYSTEM_ADMIN" } })).toBe(1);
});
