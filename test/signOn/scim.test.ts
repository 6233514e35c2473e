import { expect, it } from "vitest";
import { signOnHouston } from "../support/signOn.ts";

const { base, browser, db, idps, build } = await signOnHouston(
  {
    okta: { emailDomains: ["example.com"], scimAuthCode: "code-of-a-scim-client" },
    custom: { emailDomains: ["example.com"] },
  },
  { auth: { openidConnect: { idpGroupsImportEnabled: true } } },
);
await build.systemAdmin();
const refusedWith = (reason: string) => `${base}/app/login?refused=${reason}`;
const first = `${base}/app/`;

it("with SCIM, signing in by its provider needs an active SCIM user, and its teams stay as they are", async () => {
  const email = "ada@example.com";
  idps.okta.account({ email, email_verified: true, groups: ["team-a"] });
  const answer = await browser().signIn("okta");
  expect(answer.url).toBe(refusedWith("notProvisioned"));
  expect(answer.text).toContain("has not sent your account");
  expect(await db.email.count({ where: { address: email } })).toBe(0);

  const { id: userId } = await build.user({ email });
  expect((await browser().signIn("okta")).url).toBe(refusedWith("notProvisioned"));
  const where = { provider_userId: { provider: "okta", userId } };
  await db.scimUser.create({ data: { provider: "okta", userId, userName: email, userNameKey: email } });
  expect((await browser().signIn("okta")).url).toBe(first);
  expect(await db.teamMember.count({ where: { userId } })).toBe(0);

  await db.scimUser.update({ where, data: { active: false } });
  expect((await browser().signIn("okta")).url).toBe(refusedWith("inactive"));
  // By any provider: the person has left.
  idps.custom.account({ email, email_verified: true });
  expect((await browser().signIn("custom")).url).toBe(refusedWith("inactive"));
  await db.scimUser.delete({ where });
  expect((await browser().signIn("okta")).url).toBe(refusedWith("notProvisioned"));
  expect((await browser().signIn("custom")).url).toBe(first);
});
