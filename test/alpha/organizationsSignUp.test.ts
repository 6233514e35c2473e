import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const houston = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });
const { as, build, db, url } = houston;
const alpha = createAlpha(url);

const password = "correct horse";
const DAY = 24 * 60 * 60 * 1000;
const UPDATE = `mutation ($addUsers: [String!], $addOwners: [String!], $removeUsers: [String!], $delete: Boolean) {
  updateOrganization(addUsers: $addUsers, addOwners: $addOwners, removeUsers: $removeUsers, delete: $delete) {
    success message code
  }
}`;
const updateIn = async (at: string, someone: Someone, organization: string, given: Record<string, unknown>) =>
  (await createAlpha(at)(someone, { organization }).send(UPDATE, given)).data.updateOrganization;
const update = (someone: Someone, organization: string, given: Record<string, unknown>) =>
  updateIn(url, someone, organization, given);

let count = 0;
const newAddress = () => `new${count++}@example.com`;

const userOf = (address: string) =>
  db.user.findFirst({
    where: { emails: { some: { address } } },
    include: { emails: true, localCredential: true, roleBindings: true },
  });
const openLink = (token: string, chosen = password) =>
  as(undefined).send(
    "mutation ($token: String!, $password: String!) { resetPassword(token: $token, password: $password) { token { value } } }",
    { token, password: chosen },
  );
const signIn = async (
  username: string,
  chosen = password,
): Promise<{ success: boolean; code: string; token: string }> =>
  (
    await alpha(undefined).send(
      `mutation ($username: String, $password: String!) {
        createToken(username: $username, password: $password) { success code token }
      }`,
      { username, password: chosen },
    )
  ).data.createToken;
const signInV1 = (identity: string, chosen = password) =>
  as(undefined).send(
    "mutation ($identity: String!, $password: String!) { createToken(identity: $identity, password: $password) { token { value } } }",
    { identity, password: chosen },
  );
const signUp = (email: string, chosen: string) =>
  alpha(undefined).send(
    "mutation ($email: String!, $password: String!) { createNewUser(email: $email, password: $password) { success code } }",
    { email, password: chosen },
  );
const statusIn = async (someone: Someone, id: string, email: string) => {
  const { data } = await alpha(someone).send(`{ organizations(orgId: "${id}") { users { email role status } } }`);
  return data.organizations[0].users.find((one: { email: string }) => one.email === email);
};

describe("an address without an account that is added to an Organization", () => {
  it("is signed up, and gets a link that sets the password, confirms the address and activates the account", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    expect(await update(owner, organization.id, { addUsers: [email.toUpperCase()] })).toEqual({
      success: true,
      message: "Organization updated; people: 1 added; 1 e-mail sent with a link to set a password",
      code: null,
    });
    expect(await userOf(email)).toMatchObject({
      username: email,
      status: "pending",
      emails: [{ address: email, primary: true, verified: false, confirmTokenHash: null }],
      roleBindings: [{ role: "ORGANIZATION_USER", organizationId: organization.id }],
    });
    expect(await statusIn(owner, organization.id, email)).toEqual({ email, role: "User", status: "pending" });
    expect(await signIn(email)).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
    expect(await signIn(email, "!")).toMatchObject({ success: false, code: "UNAUTHENTICATED" });

    const token = await mailbox.token("join", email);
    const { data, errors } = await openLink(token);
    expect(errors).toBeUndefined();
    const user = await userOf(email);
    expect(user).toMatchObject({ status: "active", emails: [{ verified: true }] });
    expect(await statusIn(owner, organization.id, email)).toMatchObject({ status: "active" });

    const fresh = await signIn(email);
    const v1 = (await signInV1(email)).data.createToken.token.value;
    for (const value of [data.resetPassword.token.value, fresh.token, v1]) {
      const { data: seen } = await alpha({ token: value }).send(
        `{ organizations(orgId: "${organization.id}") { role } }`,
      );
      expect(seen.organizations).toEqual([{ role: "User" }]);
      expect((await as({ token: value }).send("{ self { user { id } } }")).data.self.user.id).toBe(user?.id);
    }
    expect((await openLink(token)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  it("is recorded without the token, by the one who added it", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    await update(owner, organization.id, { addOwners: [email] });
    const user = await userOf(email);
    const actor = `user:${owner.id}`;
    const entries = await db.auditEntry.findMany({ where: { entityId: { in: [organization.id, `${user?.id}`] } } });
    expect(entries).toHaveLength(2);
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          actor,
          entityType: "User",
          detail: { email, status: "pending", organizationId: organization.id },
        }),
        expect.objectContaining({
          actor,
          entityType: "Organization",
          detail: { people: [{ userId: user?.id, role: "ORGANIZATION_OWNER", change: "added", mailed: true }] },
        }),
      ]),
    );
  });

  it("gets an e-mail with the Organization's name and the inviter's address only", async () => {
    const { organization, owner } = await build.organization();
    await db.user.update({
      where: { id: owner.id },
      data: { fullName: "Pay at http://evil.example", username: "evil" },
    });
    const email = newAddress();
    await update(owner, organization.id, { addOwners: [email] });
    await mailbox.token("join", email);
    const [mail] = await mailbox.mails("join", email);
    expect(mail?.subject).toBe(`${owner.email} added you to ${organization.name}`);
    for (const part of [mail?.text, String(mail?.html)]) {
      expect(part).toContain("Organization Owner");
      expect(part).toContain("7 days");
      expect(part).not.toContain("evil");
    }
  });

  it("has a link that is valid for 7 days, and gets a new one if added again", async () => {
    const { organization, owner } = await build.organization();
    const { organization: second, owner: other } = await build.organization();
    const email = newAddress();
    const start = Date.now();
    await update(owner, organization.id, { addUsers: [email] });
    const first = await mailbox.token("join", email);
    const lifetime = Number((await userOf(email))?.localCredential?.resetTokenExpiresAt) - start;
    expect(lifetime).toBeGreaterThanOrEqual(7 * DAY);
    expect(lifetime).toBeLessThan(7 * DAY + 60_000);

    const again = await update(owner, organization.id, { addUsers: [email] });
    expect(again.message).toBe(
      "Organization updated; people: 1 unchanged; 1 e-mail sent with a link to set a password",
    );
    const renewed = await mailbox.token("join", email, 2);
    expect((await openLink(first)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect((await update(other, second.id, { addOwners: [(await userOf(email))?.id] })).success).toBe(true);
    const last = await mailbox.token("join", email, 3);
    expect((await openLink(renewed)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    await db.localCredential.updateMany({
      where: { user: { username: email } },
      data: { resetTokenExpiresAt: new Date(start - 1) },
    });
    expect((await openLink(last)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");

    await update(owner, organization.id, { addUsers: [email] });
    expect((await openLink(await mailbox.token("join", email, 4))).errors).toBeUndefined();
    const user = await userOf(email);
    expect(user?.roleBindings.map(({ role }) => role).sort()).toEqual(["ORGANIZATION_OWNER", "ORGANIZATION_USER"]);
    expect((await update(owner, organization.id, { addUsers: [email] })).message).toMatch(/people: 1 unchanged$/);
  });

  it("is one account for ten concurrent requests of two Organizations", { timeout: 60_000 }, async () => {
    const places = [await build.organization(), await build.organization()];
    const addresses = [newAddress(), newAddress()];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const { owner, organization } = places[n % 2] ?? expect.fail();
        return update(owner, organization.id, { addUsers: n % 3 ? addresses : addresses.toReversed() });
      }),
    );
    expect(answers.filter(({ success }) => !success)).toEqual([]);
    for (const address of addresses) expect((await userOf(address))?.roleBindings).toHaveLength(2);
  });

  it("cannot be signed up by anyone else meanwhile; an invitation is mailed to its owner", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    await update(owner, organization.id, { addUsers: [email] });
    // As for an address that nobody has.
    expect((await signUp(email, "other horse")).data.createNewUser).toEqual({ success: true, code: null });
    expect(await signIn(email, "other horse")).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
    const invite = `mutation { inviteUser(email: "${email}") { id } }`;
    expect((await as(await build.systemAdmin()).send(invite)).errors).toBeUndefined();
    await as(undefined).send(`mutation { forgotPassword(email: "${email}") }`);
    await mailbox.settled(db);
    expect(await mailbox.mails("reset", email)).toEqual([]);
    expect(await mailbox.mails("invite", email)).toHaveLength(1);
    expect(await signIn(email, "other horse")).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
  });

  it("accepts open invitations to Workspaces with the link", async () => {
    const { organization, owner } = await build.organization();
    const { workspace, admin } = await build.workspace();
    const email = newAddress();
    const ADD = `mutation { workspaceAddUser(email: "${email}", workspaceUuid: "${workspace.id}", role: WORKSPACE_EDITOR) { id } }`;
    expect((await as(admin).send(ADD)).errors).toBeUndefined();
    await update(owner, organization.id, { addUsers: [email] });
    await openLink(await mailbox.token("join", email));
    const roles = (await userOf(email))?.roleBindings.map(({ role }) => role).sort();
    expect(roles).toEqual(["ORGANIZATION_USER", "WORKSPACE_EDITOR"]);
    expect(await db.invite.count({ where: { email } })).toBe(0);
  });

  it("gets roles in Workspaces while pending, and can be activated by a confirmation link too", async () => {
    const { organization, owner } = await build.organization();
    const { workspace, admin } = await build.workspace();
    const email = newAddress();
    await update(owner, organization.id, { addUsers: [email] });
    const ADD = `mutation { workspaceAddUser(email: "${email}", workspaceUuid: "${workspace.id}", role: WORKSPACE_EDITOR) { id } }`;
    expect((await as(admin).send(ADD)).errors).toBeUndefined();
    await as(undefined).send(`mutation { resendConfirmation(email: "${email}") }`);
    const confirm = await mailbox.token("confirm", email);
    const { data } = await as(undefined).send(`mutation { confirmEmail(token: "${confirm}") { token { value } } }`);
    expect(data.confirmEmail.token.value).toEqual(expect.any(String));
    expect(await userOf(email)).toMatchObject({ status: "active", roleBindings: [{}, {}] });
    expect(await signIn(email, "!")).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
    expect((await openLink(await mailbox.token("join", email))).errors).toBeUndefined();
    expect(await signIn(email)).toMatchObject({ success: true });
  });
});

describe("someone who signed up with another's address", () => {
  it("loses the password and the confirmation link when the address is added to an Organization", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    const theirs = "horse of a thief";
    await signUp(email, theirs);
    const confirm = await mailbox.token("confirm", email);
    const before = await userOf(email);
    expect(await bcrypt.compare(theirs, before?.localCredential?.passwordHash ?? "")).toBe(true);

    expect((await update(owner, organization.id, { addUsers: [email] })).message).toContain("1 e-mail sent");
    expect(await userOf(email)).toMatchObject({ id: before?.id, status: "pending" });
    const { errors } = await as(undefined).send(`mutation { confirmEmail(token: "${confirm}") { token { value } } }`);
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(await signIn(email, theirs)).toMatchObject({ success: false, code: "UNAUTHENTICATED" });

    await openLink(await mailbox.token("join", email));
    expect(await signIn(email, theirs)).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
    expect((await signInV1(email, theirs)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(await signIn(email)).toMatchObject({ success: true });
  });

  it("does not get in by the address's owner confirming it later", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    const theirs = "horse of a thief";
    await signUp(email, theirs);
    await update(owner, organization.id, { addOwners: [(await userOf(email))?.id] });
    await as(undefined).send(`mutation { resendConfirmation(email: "${email}") }`);
    const confirm = await mailbox.token("confirm", email, 2);
    await as(undefined).send(`mutation { confirmEmail(token: "${confirm}") { token { value } } }`);
    expect(await userOf(email)).toMatchObject({ status: "active" });
    expect(await signIn(email, theirs)).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
  });

  it("is never in, whichever of adding and confirming comes first", { timeout: 60_000 }, async () => {
    const { organization, owner } = await build.organization();
    for (let n = 0; n < 5; n++) {
      const email = newAddress();
      await signUp(email, password);
      const token = await mailbox.token("confirm", email);
      const [added] = await Promise.all([
        update(owner, organization.id, { addUsers: [email] }),
        as(undefined).send(`mutation { confirmEmail(token: "${token}") { token { value } } }`),
      ]);
      expect(added.success).toBe(true);
      // Either it was confirmed by the owner of the mailbox before, or it is pending without a password.
      const isActive = (await userOf(email))?.status === "active";
      expect((await signIn(email)).success).toBe(isActive);
    }
  });
});

describe("removing a pending person", () => {
  it("removes the account too, if it has no other role, and ends the link", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    await update(owner, organization.id, { addUsers: [email] });
    const token = await mailbox.token("join", email);
    const id = (await userOf(email))?.id ?? "";
    expect((await update(owner, organization.id, { removeUsers: [email] })).message).toMatch(/people: 1 removed$/);
    expect(await userOf(email)).toBeNull();
    expect((await openLink(token)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(await db.auditEntry.findMany({ where: { entityId: id }, orderBy: { createdAt: "desc" } })).toMatchObject([
      { action: "updateOrganization", actor: `user:${owner.id}`, detail: { username: email, deleted: true } },
      {},
    ]);
    expect((await signUp(email, password)).data.createNewUser).toMatchObject({ success: true });
  });

  it("keeps an account with a role elsewhere, whose link still works", async () => {
    const [first, second] = [await build.organization(), await build.organization()];
    const email = newAddress();
    await update(first.owner, first.organization.id, { addUsers: [email] });
    // Two mails that wait together may be sent in either order.
    await mailbox.token("join", email);
    await update(second.owner, second.organization.id, { addUsers: [email] });
    const token = await mailbox.token("join", email, 2);
    await update(first.owner, first.organization.id, { removeUsers: [email] });
    expect((await openLink(token)).errors).toBeUndefined();
    expect((await userOf(email))?.roleBindings).toMatchObject([{ organizationId: second.organization.id }]);
  });

  it("happens also when the Organization is deleted", async () => {
    const { organization, owner } = await build.organization();
    const email = newAddress();
    await update(owner, organization.id, { addUsers: [email] });
    const token = await mailbox.token("join", email);
    expect((await update(owner, organization.id, { delete: true })).success).toBe(true);
    expect(await userOf(email)).toBeNull();
    expect((await openLink(token)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  it("leaves an active account alone, whichever of removing and the link comes first", {
    timeout: 60_000,
  }, async () => {
    const { organization, owner } = await build.organization();
    for (let n = 0; n < 3; n++) {
      const email = newAddress();
      await update(owner, organization.id, { addUsers: [email] });
      const token = await mailbox.token("join", email);
      const [removed, opened] = await Promise.all([
        update(owner, organization.id, { removeUsers: [email] }),
        openLink(token),
      ]);
      expect(removed.success).toBe(true);
      const user = await userOf(email);
      if (opened.errors) expect(user).toBeNull();
      else expect(user).toMatchObject({ status: "active", roleBindings: [] });
    }
  });
});

describe("signing people up", () => {
  it.each([
    ["userManagement.enabled", { userManagement: { enabled: false } }],
    ["auth.local.enabled", { auth: { local: { enabled: false } } }],
  ])("is off with %s: false, for unknown and pending addresses; active users can be added", async (setting, given) => {
    const off = await testHouston(given);
    const { organization, owner, outsider } = await off.build.organization();
    const pending = await off.build.user({ status: "pending" });
    for (const address of ["unknown@example.com", pending.email]) {
      const answer = await updateIn(off.url, owner, organization.id, { addUsers: [outsider.email, address] });
      expect(answer).toMatchObject({ success: false, code: "FEATURE_DISABLED" });
      expect(answer.message).toMatch(new RegExp(`^addUsers\\.1: no active user has this address.*${setting} is false`));
    }
    expect(await off.db.roleBinding.count({ where: { userId: outsider.id } })).toBe(0);
    expect(await updateIn(off.url, owner, organization.id, { addUsers: [outsider.email] })).toMatchObject({
      success: true,
    });
  });

  it("takes 100 people in a call", { timeout: 60_000 }, async () => {
    const { organization, owner } = await build.organization();
    const addUsers = Array.from({ length: 100 }, newAddress);
    expect((await update(owner, organization.id, { addUsers })).message).toBe(
      "Organization updated; people: 100 added; 100 e-mails sent with a link to set a password",
    );
    expect(await db.roleBinding.count({ where: { organizationId: organization.id } })).toBe(102);
  });
});
