import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { outcomeOf } from "../support/outcome.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ email: { folder: mailbox.folder } });
const off = await testHouston({ userManagement: { enabled: false } });
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const ADD = `mutation ($email: String!, $workspaceUuid: Uuid, $role: Role! = WORKSPACE_VIEWER, $deploymentRoles: [DeploymentRoles], $bypassInvite: Boolean) {
  workspaceAddUser(email: $email, workspaceUuid: $workspaceUuid, role: $role, deploymentRoles: $deploymentRoles, bypassInvite: $bypassInvite) {
    id users { id emails { address } roleBindings { role } } invites { email }
  }
}`;

let count = 0;
const newcomer = () => `newcomer${++count}@example.com`;
const rolesOf = async (userId: string) =>
  (await db.roleBinding.findMany({ where: { userId }, orderBy: { role: "asc" } })).map(
    ({ role, workspaceId, deploymentId }) => [role, workspaceId ?? deploymentId],
  );

describe("workspaceAddUser", () => {
  it("binds an active user immediately, with roles in Deployments", async () => {
    const { workspace, admin } = await build.workspace();
    const [one, two] = [
      await build.deployment({ workspaceId: workspace.id }),
      await build.deployment({ workspaceId: workspace.id }),
    ];
    const user = await build.user();
    const { data, errors } = await as(admin).send(ADD, {
      email: user.email.toUpperCase(),
      workspaceUuid: workspace.id,
      role: "WORKSPACE_EDITOR",
      deploymentRoles: [
        { deploymentId: one.deployment.id, role: "DEPLOYMENT_EDITOR" },
        { deploymentId: two.deployment.id, role: "DEPLOYMENT_ADMIN" },
      ],
    });
    expect(errors).toBeUndefined();
    expect(data.workspaceAddUser.users).toContainEqual(expect.objectContaining({ id: user.id }));
    expect(await rolesOf(user.id)).toEqual([
      ["WORKSPACE_EDITOR", workspace.id],
      ["DEPLOYMENT_ADMIN", two.deployment.id],
      ["DEPLOYMENT_EDITOR", one.deployment.id],
    ]);
    expect(await mailbox.mails("invite", user.email)).toEqual([]);
    expect(await db.auditEntry.findFirst({ where: { workspaceId: workspace.id } })).toMatchObject({
      action: "workspaceAddUser",
      actor: `user:${admin.id}`,
    });
  });

  it("invites an unknown address by a mail whose link grants the roles", async () => {
    const { deployment, home } = await build.deployment();
    const email = newcomer();
    const { data } = await as(home?.admin).send(ADD, {
      email,
      workspaceUuid: home?.workspace.id,
      role: "WORKSPACE_ADMIN",
      deploymentRoles: [{ deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" }],
    });
    expect(data.workspaceAddUser.invites).toEqual({ email });
    expect(data.workspaceAddUser.users).toHaveLength(3);
    const inviteToken = await mailbox.token("invite", email);
    expect(await db.invite.findFirstOrThrow({ where: { email } })).toMatchObject({
      tokenHash: hashOf(inviteToken),
      role: "WORKSPACE_ADMIN",
    });
    const [mail] = await mailbox.mails("invite", email);
    expect(mail?.text).toContain(`${home?.admin.email} invited you to ${home?.workspace.label} as Workspace Admin`);
    const signUp = `mutation ($email: String!, $inviteToken: String) { createUser(email: $email, password: "correct horse", inviteToken: $inviteToken) { user { id } } }`;
    const signedUp = await as(undefined).send(signUp, { email, inviteToken });
    expect(await rolesOf(signedUp.data.createUser.user.id)).toEqual([
      ["WORKSPACE_ADMIN", home?.workspace.id],
      ["DEPLOYMENT_VIEWER", deployment.id],
    ]);
  });

  it("creates a verified user without a mail when the invitation is bypassed", async () => {
    const { workspace, admin } = await build.workspace();
    const email = newcomer();
    await as(admin).send(ADD, { email, workspaceUuid: workspace.id });
    await mailbox.settled(db);
    const { data } = await as(admin).send(ADD, { email, workspaceUuid: workspace.id, bypassInvite: true });
    expect(data.workspaceAddUser.invites).toBeNull();
    const user = await db.user.findUniqueOrThrow({
      where: { username: email },
      include: { emails: true, localCredential: true },
    });
    expect(user).toMatchObject({
      status: "active",
      emails: [{ address: email, verified: true, primary: true }],
      localCredential: null,
    });
    expect(await rolesOf(user.id)).toEqual([["WORKSPACE_VIEWER", workspace.id]]);
    await mailbox.settled(db);
    expect(await mailbox.mails("invite", email)).toHaveLength(1);
    expect(await mailbox.mails("confirm", email)).toEqual([]);
  });

  it("creates one user or invitation for many concurrent requests", async () => {
    const homes = await Promise.all(Array.from({ length: 5 }, () => build.workspace()));
    const email = newcomer();
    const answers = await Promise.all(
      [...homes, ...homes].map(({ workspace, admin }) =>
        as(admin).send(ADD, { email, workspaceUuid: workspace.id, bypassInvite: true }),
      ),
    );
    const outcomes = answers.map(outcomeOf).sort();
    expect(outcomes).toEqual([...Array(5).fill("CONFLICT email"), ...Array(5).fill("ok")]);
    expect(await db.email.count({ where: { address: email } })).toBe(1);
    const invited = newcomer();
    const [home] = homes;
    const variables = { email: invited, workspaceUuid: home?.workspace.id };
    const again = await Promise.all(Array.from({ length: 10 }, () => as(home?.admin).send(ADD, variables)));
    expect(new Set(again.map(outcomeOf))).toEqual(new Set(["ok"]));
    expect(await db.invite.count({ where: { email: invited } })).toBe(1);
  });

  it("rejects a user who already has a role there, and changes nothing", async () => {
    const { workspace, admin, viewer } = await build.workspace();
    const { deployment, admin: deployer } = await build.deployment({ workspaceId: workspace.id });
    const variables = { workspaceUuid: workspace.id, role: "WORKSPACE_ADMIN" };
    expect(outcomeOf(await as(admin).send(ADD, { ...variables, email: viewer.email }))).toBe("CONFLICT email");
    expect(await rolesOf(viewer.id)).toEqual([["WORKSPACE_VIEWER", workspace.id]]);
    const deploymentRoles = [{ deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" }];
    const answer = await as(admin).send(ADD, { ...variables, email: deployer.email, deploymentRoles });
    expect(outcomeOf(answer)).toBe("CONFLICT deploymentRoles.0.deploymentId");
    expect(await rolesOf(deployer.id)).toEqual([["DEPLOYMENT_ADMIN", deployment.id]]);
  });

  it("rejects roles of another level, other Deployments and malformed input, and changes nothing", async () => {
    const { workspace, admin } = await build.workspace();
    const here = await build.deployment({ workspaceId: workspace.id });
    const gone = await build.deployment({ workspaceId: workspace.id, deletedAt: new Date() });
    const elsewhere = await build.deployment();
    const good = { deploymentId: here.deployment.id, role: "DEPLOYMENT_VIEWER" };
    const email = newcomer();
    for (const [given, outcome] of [
      [{ role: "DEPLOYMENT_ADMIN" }, "BAD_USER_INPUT role"],
      [{ role: "SYSTEM_ADMIN" }, "BAD_USER_INPUT role"],
      [{ role: "USER" }, "BAD_USER_INPUT role"],
      [{ email: "newcomer" }, "BAD_USER_INPUT email"],
      [{ workspaceUuid: null }, "BAD_USER_INPUT workspaceUuid"],
      [{ workspaceUuid: "nowhere" }, "FORBIDDEN"],
      [
        { deploymentRoles: [good, { ...good, deploymentId: elsewhere.deployment.id }] },
        "BAD_USER_INPUT deploymentRoles.1.deploymentId",
      ],
      [
        { deploymentRoles: [{ ...good, deploymentId: gone.deployment.id }] },
        "BAD_USER_INPUT deploymentRoles.0.deploymentId",
      ],
      [{ deploymentRoles: [{ ...good, deploymentId: "" }] }, "BAD_USER_INPUT deploymentRoles.0.deploymentId"],
      [{ deploymentRoles: [good, good] }, "BAD_USER_INPUT deploymentRoles.1.deploymentId"],
      [{ deploymentRoles: [{ ...good, role: "WORKSPACE_ADMIN" }] }, "BAD_USER_INPUT deploymentRoles.0.role"],
      [{ deploymentRoles: [{ ...good, role: null }] }, "BAD_USER_INPUT deploymentRoles.0.role"],
      [{ deploymentRoles: [null] }, "BAD_USER_INPUT deploymentRoles.0"],
    ] as const) {
      const answer = await as(admin).send(ADD, { email, workspaceUuid: workspace.id, bypassInvite: true, ...given });
      expect([given, outcomeOf(answer)]).toEqual([given, outcome]);
    }
    expect(await db.user.count({ where: { username: email } })).toBe(0);
    expect(await db.roleBinding.count({ where: { workspaceId: workspace.id } })).toBe(3);
  });

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
    const { workspace, editor } = await build.workspace();
    const { admin } = await build.workspace();
    const variables = { email: newcomer(), workspaceUuid: workspace.id };
    expect(outcomeOf(await as(editor).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(ADD, variables))).toBe("UNAUTHENTICATED");
    expect(await db.invite.count({ where: { email: variables.email } })).toBe(0);
  });

  it("allows a service account to grant roles up to its own", async () => {
    const { workspace } = await recut.build.workspace();
    const { deployment } = await recut.build.deployment({ workspaceId: workspace.id });
    const account = await recut.build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspace.id });
    const { email } = await recut.build.user();
    const outcome = async (given: object) =>
      outcomeOf(await recut.as(account).send(ADD, { email, workspaceUuid: workspace.id, ...given }));
    expect(await outcome({ role: "WORKSPACE_ADMIN" })).toBe("FORBIDDEN");
    const deploymentRoles = [{ deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" }];
    expect(await outcome({ role: "WORKSPACE_VIEWER", deploymentRoles })).toBe("FORBIDDEN");
    expect(await recut.db.roleBinding.count({ where: { user: { username: email } } })).toBe(0);
    expect(await outcome({ role: "WORKSPACE_EDITOR" })).toBe("ok");
    // An invitation with higher roles cannot be deleted either.
    const invited = newcomer();
    const admin = await recut.build.systemAdmin();
    const invitation = { email: invited, workspaceUuid: workspace.id };
    expect(outcomeOf(await recut.as(admin).send(ADD, { ...invitation, role: "WORKSPACE_ADMIN" }))).toBe("ok");
    expect(await outcome({ email: invited })).toBe("FORBIDDEN");
  });

  it("reports that users are not managed here", async () => {
    const { workspace, admin } = await off.build.workspace();
    const answer = await off.as(admin).send(ADD, { email: newcomer(), workspaceUuid: workspace.id });
    expect(outcomeOf(answer)).toBe("FEATURE_DISABLED");
  });
});
