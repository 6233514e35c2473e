import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { outcomeOf } from "../support/outcome.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });
const root = await build.systemAdmin();

const STRANGERS = "a stranger's words";
const OWNERS = "the owner's own words";

const SIGN_UP = `mutation ($email: String!, $password: String!, $inviteToken: String) {
  createUser(email: $email, password: $password, inviteToken: $inviteToken) { user { id username } token { value } }
}`;
const ADD = `mutation ($email: String!, $id: Uuid!, $bypassInvite: Boolean) {
  workspaceAddUser(email: $email, workspaceUuid: $id, role: WORKSPACE_EDITOR, bypassInvite: $bypassInvite) { id }
}`;

const signIn = async (identity: string, password: string) => {
  const document =
    "mutation ($i: String!, $p: String!) { createToken(identity: $i, password: $p) { token { value } } }";
  return outcomeOf(await as(undefined).send(document, { i: identity, p: password }));
};

/** An account that a stranger left pending with the address of someone else. */
async function pendingAccount() {
  const email = `${randomBytes(4).toString("hex")}@example.com`;
  await as(undefined).send(SIGN_UP, { email, password: STRANGERS });
  const { id } = await db.user.findUniqueOrThrow({ where: { username: email } });
  return { id, email };
}

const rolesOf = async (userId: string) =>
  (await db.roleBinding.findMany({ where: { userId } })).map(({ role }) => role);

it("a pending account can be invited to the platform, an active one cannot", async () => {
  const { email } = await pendingAccount();
  const invite = (address: string) => as(root).send(`mutation { inviteUser(email: "${address}") { id } }`);
  expect(outcomeOf(await invite(email))).toBe("ok");
  const inviteToken = await mailbox.token("invite", email);
  expect(outcomeOf(await as(undefined).send(SIGN_UP, { email, password: OWNERS, inviteToken }))).toBe("ok");
  expect([await signIn(email, STRANGERS), await signIn(email, OWNERS)]).toEqual(["UNAUTHENTICATED", "ok"]);
  expect(outcomeOf(await invite(email))).toBe("CONFLICT email");
});

describe("a pending account gets no roles", () => {
  it.each([false, true])(
    "from workspaceAddUser, but an invitation by e-mail (bypassInvite: %s)",
    async (bypassInvite) => {
      const { email, id } = await pendingAccount();
      const { workspace, admin } = await build.workspace();
      expect(outcomeOf(await as(admin).send(ADD, { email, id: workspace.id, bypassInvite }))).toBe("ok");
      expect(await rolesOf(id)).toEqual([]);
      expect(await mailbox.token("invite", email)).toBeTruthy();
    },
  );

  it("from deploymentUserBulkImport, but an invitation by e-mail", async () => {
    const { email, id } = await pendingAccount();
    const { deployment, home } = await build.deployment();
    const { data } = await as(home?.admin).send(
      `mutation ($d: Uuid!, $users: [UserImportInput!]!) {
        deploymentUserBulkImport(deploymentId: $d, users: $users, bypassInvite: true) { status userId error }
      }`,
      { d: deployment.id, users: [{ email, deploymentRole: "DEPLOYMENT_VIEWER" }] },
    );
    expect(data.deploymentUserBulkImport).toEqual([{ status: "invited", userId: null, error: null }]);
    expect(await rolesOf(id)).toEqual([]);
  });

  it("from fields that grant roles to users only", async () => {
    const { email, id } = await pendingAccount();
    const { deployment, home } = await build.deployment();
    const w = home?.workspace.id;
    const { team } = await build.team();
    const outcome = async (someone: { token: string } | undefined, field: string) =>
      outcomeOf(await as(someone).send(`mutation { ${field} }`));
    expect(
      await outcome(
        home?.admin,
        `workspaceUpsertUserRole(email: "${email}", workspaceUuid: "${w}", role: WORKSPACE_VIEWER)`,
      ),
    ).toBe("NOT_FOUND email");
    expect(
      await outcome(
        home?.admin,
        `deploymentAddUserRole(email: "${email}", deploymentId: "${deployment.id}", role: DEPLOYMENT_VIEWER) { id }`,
      ),
    ).toBe("BAD_USER_INPUT email");
    expect(await outcome(root, `createSystemRoleBinding(userId: "${id}", role: SYSTEM_VIEWER) { id }`)).toBe(
      "BAD_USER_INPUT userId",
    );
    expect(await outcome(root, `updateTeam(id: "${team.id}", addUserIds: ["${id}"]) { team { id } }`)).toBe(
      "BAD_USER_INPUT addUserIds",
    );
    expect(await outcome(root, `groupAddUser(groupUuid: "${team.id}", userUuid: "${id}") { uuid }`)).toBe(
      "BAD_USER_INPUT userUuid",
    );
    expect(await rolesOf(id)).toEqual([]);
    expect(await db.teamMember.count({ where: { userId: id } })).toBe(0);
  });
});

describe("a password chosen before the address was proven does not count", () => {
  async function invited() {
    const account = await pendingAccount();
    const { workspace, admin } = await build.workspace();
    await as(admin).send(ADD, { email: account.email, id: workspace.id });
    return account;
  }

  it("when the invitation is taken with its link, which makes the account its owner's", async () => {
    const { email, id } = await invited();
    const confirmToken = await mailbox.token("confirm", email);
    const inviteToken = await mailbox.token("invite", email);
    const { data } = await as(undefined).send(SIGN_UP, { email, password: OWNERS, inviteToken });
    expect(data.createUser.user).toEqual({ id, username: email });
    expect(await rolesOf(id)).toEqual(["WORKSPACE_EDITOR"]);
    expect([await signIn(email, STRANGERS), await signIn(email, OWNERS)]).toEqual(["UNAUTHENTICATED", "ok"]);
    const confirm = `mutation { confirmEmail(token: "${confirmToken}") { token { value } } }`;
    expect(outcomeOf(await as(undefined).send(confirm))).toBe("BAD_USER_INPUT token");
  });

  it("when the address is confirmed: its owner is signed in and sets a new one with the link they get", async () => {
    const { email, id } = await invited();
    const token = await mailbox.token("confirm", email);
    const { data } = await as(undefined).send(`mutation { confirmEmail(token: "${token}") { token { value } } }`);
    expect(await rolesOf(id)).toEqual(["WORKSPACE_EDITOR"]);
    const self = "{ self { user { id } } }";
    expect((await as({ token: data.confirmEmail.token.value }).send(self)).data.self.user.id).toBe(id);
    expect(await signIn(email, STRANGERS)).toBe("UNAUTHENTICATED");
    const reset = await mailbox.token("password", email);
    const set = `mutation { resetPassword(token: "${reset}", password: "${OWNERS}") { token { value } } }`;
    expect(outcomeOf(await as(undefined).send(set))).toBe("ok");
    expect(await signIn(email, OWNERS)).toBe("ok");
  });

  it("when a System Admin verifies the address", async () => {
    const { email, id } = await invited();
    expect(outcomeOf(await as(root).send(`mutation { verifyEmail(email: "${email}") }`))).toBe("ok");
    expect(await rolesOf(id)).toEqual(["WORKSPACE_EDITOR"]);
    expect(await signIn(email, STRANGERS)).toBe("UNAUTHENTICATED");
    expect(await mailbox.token("password", email)).toBeTruthy();
  });

  it("and counts for those who were given nothing", async () => {
    const { email } = await pendingAccount();
    const token = await mailbox.token("confirm", email);
    expect(
      outcomeOf(await as(undefined).send(`mutation { confirmEmail(token: "${token}") { token { value } } }`)),
    ).toBe("ok");
    expect(await signIn(email, STRANGERS)).toBe("ok");
  });

  it("and an invitation does not take over an account that is in use", async () => {
    const user = await build.user();
    const { workspace, admin } = await build.workspace();
    await db.user.update({ where: { id: user.id }, data: { status: "pending" } });
    await as(admin).send(ADD, { email: user.email, id: workspace.id });
    await db.user.update({ where: { id: user.id }, data: { status: "active" } });
    const inviteToken = await mailbox.token("invite", user.email);
    const answer = await as(undefined).send(SIGN_UP, { email: user.email, password: OWNERS, inviteToken });
    expect(outcomeOf(answer)).toMatch(/^CONFLICT/);
    expect(await rolesOf(user.id)).toEqual([]);
  });
});
