import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { DENIED, outcomeOf } from "../support/outcome.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ email: { folder: mailbox.folder } });
const off = await testHouston({ userManagement: { enabled: false } });
// No server listens there; the e-mail waits.
const mailing = await testHouston({ email: { enabled: true, smtpUrl: "smtp://127.0.0.1:1" } });
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const IMPORT = `mutation ($deploymentId: Uuid!, $users: [UserImportInput!]!, $bypassInvite: Boolean = false) {
  deploymentUserBulkImport(deploymentId: $deploymentId, users: $users, bypassInvite: $bypassInvite) {
    email userId status created rolesAssigned inviteToken error
  }
}`;
let count = 0;
const newcomer = () => `import${++count}@example.com`;
const rolesOf = async (userId: string) =>
  (await db.roleBinding.findMany({ where: { userId }, orderBy: { role: "asc" } })).map(
    ({ role, workspaceId, deploymentId }) => [role, workspaceId ?? deploymentId],
  );

describe("deploymentUserBulkImport", () => {
  it("grants existing users roles in the Workspace and the Deployment", async () => {
    const { deployment, home } = await build.deployment();
    const [one, two] = [await build.user(), await build.user({ fullName: "Own Name" })];
    const { data } = await as(home?.admin).send(IMPORT, {
      deploymentId: deployment.id,
      users: [
        { email: one.email.toUpperCase(), workspaceRole: "WORKSPACE_EDITOR", deploymentRole: "DEPLOYMENT_ADMIN" },
        { email: two.email, fullName: "Other Name" },
      ],
    });
    const same = { created: false, inviteToken: null, error: null };
    expect(data.deploymentUserBulkImport).toEqual([
      {
        ...same,
        email: one.email.toUpperCase(),
        userId: one.id,
        status: "active",
        rolesAssigned: ["WORKSPACE_EDITOR", "DEPLOYMENT_ADMIN"],
      },
      { ...same, email: two.email, userId: two.id, status: "active", rolesAssigned: ["WORKSPACE_VIEWER"] },
    ]);
    expect(await rolesOf(one.id)).toEqual([
      ["WORKSPACE_EDITOR", deployment.workspaceId],
      ["DEPLOYMENT_ADMIN", deployment.id],
    ]);
    expect(await rolesOf(two.id)).toEqual([["WORKSPACE_VIEWER", deployment.workspaceId]]);
    expect(await db.user.findUniqueOrThrow({ where: { id: two.id } })).toMatchObject({ fullName: "Own Name" });
    const entries = await db.auditEntry.findMany({ where: { entityId: deployment.id } });
    expect(entries.map(({ action }) => action)).toEqual(Array(2).fill("deploymentUserBulkImport"));
  });

  it("invites unknown addresses by a mail whose link grants the roles, and returns its token where mail is off", async () => {
    const { deployment, home } = await build.deployment();
    const email = newcomer();
    const users = [{ email, workspaceRole: "WORKSPACE_EDITOR", deploymentRole: "DEPLOYMENT_VIEWER" }];
    const { data } = await as(home?.admin).send(IMPORT, { deploymentId: deployment.id, users });
    expect(data.deploymentUserBulkImport).toEqual([
      {
        email,
        userId: null,
        status: "invited",
        created: false,
        rolesAssigned: ["WORKSPACE_EDITOR", "DEPLOYMENT_VIEWER"],
        inviteToken: expect.any(String),
        error: null,
      },
    ]);
    expect(await db.user.count({ where: { username: email } })).toBe(0);
    const inviteToken = await mailbox.token("invite", email);
    expect(data.deploymentUserBulkImport[0].inviteToken).toBe(inviteToken);
    const recorded = await db.auditEntry.findMany({ where: { entityId: deployment.id } });
    expect(JSON.stringify(recorded)).not.toContain(inviteToken);
    const signUp = `mutation ($email: String!, $inviteToken: String) {
      createUser(email: $email, password: "correct horse", inviteToken: $inviteToken) { user { id } }
    }`;
    const signedUp = await as(undefined).send(signUp, { email, inviteToken });
    expect(await rolesOf(signedUp.data.createUser.user.id)).toEqual([
      ["WORKSPACE_EDITOR", deployment.workspaceId],
      ["DEPLOYMENT_VIEWER", deployment.id],
    ]);
  });

  it("returns no token where mail is on", async () => {
    const { deployment, home } = await mailing.build.deployment();
    const { data } = await mailing
      .as(home?.admin)
      .send(IMPORT, { deploymentId: deployment.id, users: [{ email: newcomer() }] });
    expect(data.deploymentUserBulkImport).toMatchObject([{ status: "invited", inviteToken: null }]);
  });

  it("adds roles to an open invitation and keeps those in it", async () => {
    const { deployment, home } = await build.deployment();
    const other = await build.deployment({ workspaceId: deployment.workspaceId });
    const email = newcomer();
    const send = (deploymentId: string, given: object) =>
      as(home?.admin).send(IMPORT, { deploymentId, users: [{ email, ...given }] });
    await send(other.deployment.id, { workspaceRole: "WORKSPACE_ADMIN", deploymentRole: "DEPLOYMENT_EDITOR" });
    await send(deployment.id, { deploymentRole: "DEPLOYMENT_VIEWER" });
    expect(await db.invite.findFirstOrThrow({ where: { email } })).toMatchObject({
      role: "WORKSPACE_ADMIN",
      deploymentRoles: [
        { deploymentId: other.deployment.id, role: "DEPLOYMENT_EDITOR" },
        { deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" },
      ],
    });
  });

  it("creates verified users without a mail when the invitation is bypassed", async () => {
    const { deployment, home } = await build.deployment();
    const email = newcomer();
    const users = [{ email, fullName: "New Person", deploymentRole: "DEPLOYMENT_EDITOR" }];
    const { data } = await as(home?.admin).send(IMPORT, { deploymentId: deployment.id, users, bypassInvite: true });
    const row = await db.user.findUniqueOrThrow({ where: { username: email }, include: { emails: true } });
    expect(row).toMatchObject({
      fullName: "New Person",
      status: "active",
      emails: [{ address: email, verified: true }],
    });
    expect(data.deploymentUserBulkImport).toMatchObject([
      { userId: row.id, status: "active", created: true, rolesAssigned: ["WORKSPACE_VIEWER", "DEPLOYMENT_EDITOR"] },
    ]);
    expect(await mailbox.mails("invite", email)).toEqual([]);
    expect(await db.invite.count({ where: { email } })).toBe(0);
  });

  it("keeps higher Workspace roles, sets the Deployment role, and changes nothing when repeated", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const users = [
      { email: home?.editor.email, deploymentRole: "DEPLOYMENT_VIEWER" },
      { email: viewer.email, workspaceRole: "WORKSPACE_EDITOR", deploymentRole: "DEPLOYMENT_EDITOR" },
    ];
    const send = async () =>
      (await as(home?.admin).send(IMPORT, { deploymentId: deployment.id, users })).data.deploymentUserBulkImport.map(
        ({ rolesAssigned }: { rolesAssigned: string[] }) => rolesAssigned,
      );
    expect(await send()).toEqual([["DEPLOYMENT_VIEWER"], ["WORKSPACE_EDITOR", "DEPLOYMENT_EDITOR"]]);
    expect(await send()).toEqual([[], []]);
    expect(await rolesOf(home?.editor.id ?? "")).toEqual([
      ["WORKSPACE_EDITOR", deployment.workspaceId],
      ["DEPLOYMENT_VIEWER", deployment.id],
    ]);
  });

  it("reports an error for each user who cannot be imported, and imports the others", async () => {
    const { deployment, admin, home } = await build.deployment();
    const [user, twice] = [await build.user(), await build.user()];
    const { data } = await as(home?.admin).send(IMPORT, {
      deploymentId: deployment.id,
      users: [
        { email: "nobody" },
        { email: newcomer(), workspaceRole: "DEPLOYMENT_VIEWER" },
        { email: newcomer(), deploymentRole: "SYSTEM_ADMIN" },
        { email: newcomer(), workspaceRole: "USER" },
        { email: newcomer(), fullName: "x".repeat(201) },
        { email: admin.email, deploymentRole: "DEPLOYMENT_VIEWER" },
        { email: twice.email },
        { email: ` ${twice.email} ` },
        { email: user.email },
      ],
    });
    const results: { status: string; error: string | null; rolesAssigned: string[] }[] = data.deploymentUserBulkImport;
    expect(results.map(({ error }) => error?.split(/[:;]/)[0] ?? null)).toEqual([
      "email",
      "workspaceRole",
      "deploymentRole",
      "workspaceRole",
      "fullName",
      "email",
      null,
      "email",
      null,
    ]);
    expect(results[5]?.error).toContain("this is the last Deployment Admin");
    expect(results[7]?.error).toBe("email: is a duplicate");
    expect(results.filter(({ error }) => error).every(({ status }) => status === "failed")).toBe(true);
    // The row of the last admin failed as a whole.
    expect(await rolesOf(admin.id)).toEqual([["DEPLOYMENT_ADMIN", deployment.id]]);
    expect(await rolesOf(user.id)).toEqual([["WORKSPACE_VIEWER", deployment.workspaceId]]);
    expect(await db.invite.count({ where: { workspaceId: deployment.workspaceId } })).toBe(0);
  });

  it("creates one user for an address in several concurrent imports", async () => {
    const { deployment, home } = await build.deployment();
    const variables = { deploymentId: deployment.id, users: [{ email: newcomer() }], bypassInvite: true };
    const answers = await Promise.all(Array.from({ length: 8 }, () => as(home?.admin).send(IMPORT, variables)));
    const rows: { created: boolean; error: string | null; userId: string }[] = answers.flatMap(
      ({ data }) => data.deploymentUserBulkImport,
    );
    expect(rows.map(({ error }) => error)).toEqual(Array(8).fill(null));
    expect(rows.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(rows.map(({ userId }) => userId)).size).toBe(1);
  });

  it("denies roles above the caller's own", async () => {
    const { deployment, home } = await recut.build.deployment();
    const [one, two, three] = await Promise.all([recut.build.user(), recut.build.user(), recut.build.user()]);
    const { data } = await recut.as(home?.editor).send(IMPORT, {
      deploymentId: deployment.id,
      users: [
        { email: one.email, workspaceRole: "WORKSPACE_ADMIN" },
        { email: two.email, deploymentRole: "DEPLOYMENT_VIEWER" },
        { email: three.email },
      ],
    });
    const errors = data.deploymentUserBulkImport.map(({ error }: { error: string | null }) => error);
    expect(errors).toEqual([DENIED, DENIED, null]);
    expect(await recut.db.roleBinding.count({ where: { userId: { in: [one.id, two.id] } } })).toBe(0);
  });

  it("rejects too many users, unknown Deployments and platforms that do not manage users", async () => {
    const { deployment, home } = await build.deployment();
    const users = Array.from({ length: 201 }, (_, i) => ({ email: `many${i}@example.com` }));
    const tooMany = await as(home?.admin).send(IMPORT, { deploymentId: deployment.id, users });
    expect(outcomeOf(tooMany)).toBe("BAD_USER_INPUT users");
    expect(await db.invite.count({ where: { workspaceId: deployment.workspaceId } })).toBe(0);
    const missing = await as(await build.systemAdmin()).send(IMPORT, { deploymentId: "nothing", users: [] });
    expect(outcomeOf(missing)).toBe("NOT_FOUND deploymentId");
    const elsewhere = await off.build.deployment();
    const given = { deploymentId: elsewhere.deployment.id, users: [] };
    expect(outcomeOf(await off.as(elsewhere.home?.admin).send(IMPORT, given))).toBe("FEATURE_DISABLED");
  });

  it("denies Deployment Admins, Workspace Editors, outsiders and anonymous callers", async () => {
    const { deployment, admin, home } = await build.deployment();
    const variables = { deploymentId: deployment.id, users: [{ email: newcomer() }] };
    for (const someone of [admin, home?.editor, home?.outsider]) {
      expect(outcomeOf(await as(someone).send(IMPORT, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(IMPORT, variables))).toBe("UNAUTHENTICATED");
    expect(await db.invite.count({ where: { workspaceId: deployment.workspaceId } })).toBe(0);
  });
});
