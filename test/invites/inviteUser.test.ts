import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { outcomeOf } from "../support/outcome.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ email: { folder: mailbox.folder } });
const off = await testHouston({ userManagement: { enabled: false } });

const INVITE = `mutation ($email: String!) { inviteUser(email: $email) { id uuid email role token assignments createdAt } }`;

const admin = await build.systemAdmin();
const DAY = 24 * 60 * 60 * 1000;

describe("inviteUser", () => {
  it("sends an invitation whose link signs the recipient up", async () => {
    const { data } = await as(admin).send(INVITE, { email: " Guest@Example.com" });
    const email = "guest@example.com";
    const row = await db.invite.findFirstOrThrow({ where: { email } });
    expect(data.inviteUser).toEqual({
      id: row.id,
      uuid: row.id,
      email,
      role: null,
      token: null,
      assignments: expect.any(String),
      createdAt: row.createdAt.toISOString(),
    });
    expect(row).toMatchObject({ workspaceId: null, invitedById: admin.id });
    expect(row.expiresAt.getTime() - Date.now()).toBeGreaterThan(6.9 * DAY);
    expect(row.expiresAt.getTime() - Date.now()).toBeLessThan(7.1 * DAY);

    const inviteToken = await mailbox.token("invite", email);
    expect(row.tokenHash).toBe(hashOf(inviteToken));
    const [mail] = await mailbox.mails("invite", email);
    expect(mail?.text).toContain(`${admin.email} invited you`);
    const signUp = `mutation ($email: String!, $inviteToken: String) { createUser(email: $email, password: "correct horse", inviteToken: $inviteToken) { user { status } token { value } } }`;
    const { data: signedUp } = await as(undefined).send(signUp, { email, inviteToken });
    expect(signedUp.createUser).toMatchObject({ user: { status: "active" }, token: { value: expect.any(String) } });
    expect(await db.invite.count({ where: { email } })).toBe(0);
  });

  it("renews an invitation: one row, a new token, another mail", async () => {
    const email = "twice@example.com";
    const first = await as(admin).send(INVITE, { email });
    const old = await db.invite.update({ where: { id: first.data.inviteUser.id }, data: { expiresAt: new Date(0) } });
    const second = await as(admin).send(INVITE, { email });
    expect(second.data.inviteUser.id).toBe(old.id);
    const [row, ...others] = await db.invite.findMany({ where: { email } });
    expect(others).toEqual([]);
    expect(row?.tokenHash).not.toBe(old.tokenHash);
    expect(row?.expiresAt.getTime()).toBeGreaterThan(Date.now() + 6 * DAY);
    await mailbox.settled(db);
    expect(await mailbox.mails("invite", email)).toHaveLength(2);
  });

  it("creates one row for many concurrent invitations", async () => {
    const email = "many@example.com";
    const answers = await Promise.all(Array.from({ length: 20 }, () => as(admin).send(INVITE, { email })));
    expect(new Set(answers.map(outcomeOf))).toEqual(new Set(["ok"]));
    expect(await db.invite.count({ where: { email } })).toBe(1);
  });

  it("allows a System Admin's service account", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    expect(outcomeOf(await as(account).send(INVITE, { email: "machine@example.com" }))).toBe("ok");
  });

  it("rejects addresses of users, malformed ones and platforms that do not manage users", async () => {
    const { email } = await build.user();
    expect(outcomeOf(await as(admin).send(INVITE, { email: email.toUpperCase() }))).toBe("CONFLICT email");
    expect(outcomeOf(await as(admin).send(INVITE, { email: "guest" }))).toBe("BAD_USER_INPUT email");
    const elsewhere = await off.build.systemAdmin();
    expect(outcomeOf(await off.as(elsewhere).send(INVITE, { email }))).toBe("FEATURE_DISABLED");
  });

  it("denies everyone but System Admins", async () => {
    const email = "never@example.com";
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    expect(outcomeOf(await as(editor).send(INVITE, { email }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(INVITE, { email }))).toBe("UNAUTHENTICATED");
    expect(await db.invite.count({ where: { email } })).toBe(0);
  });
});
