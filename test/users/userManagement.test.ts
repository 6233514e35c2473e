import { describe, expect, it } from "vitest";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ userManagement: { enabled: false }, publicSignups: true });
const fresh = await testHouston({ userManagement: { enabled: false } });

const root = await build.systemAdmin();
const { deployment, home } = await build.deployment();
const [w, d] = [deployment.workspaceId, deployment.id];
const owner = home?.admin;
const { email } = await build.user();
const member = await build.user({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: w }] });

const roleOf = async (userId: string) =>
  (await db.roleBinding.findMany({ where: { userId } })).map(({ role }) => role).sort();

const invited = (email: string) => ({
  email,
  workspaceId: w,
  role: "WORKSPACE_EDITOR" as const,
  expiresAt: new Date(Date.now() + 60_000),
});

describe("userManagement.enabled: false", () => {
  it.each([
    ["createUser", undefined, `createUser(email: "new@example.com", password: "correct horse") { token { value } }`],
    ["verifyEmail", root, `verifyEmail(email: "${email}")`],
    ["inviteUser", root, `inviteUser(email: "new@example.com") { id }`],
    ["workspaceAddUser", owner, `workspaceAddUser(email: "${email}", workspaceUuid: "${w}") { id }`],
    [
      "workspaceUpsertUserRole",
      owner,
      `workspaceUpsertUserRole(email: "${email}", workspaceUuid: "${w}", role: WORKSPACE_VIEWER)`,
    ],
    [
      "deploymentAddUserRole",
      owner,
      `deploymentAddUserRole(email: "${member.email}", deploymentId: "${d}", role: DEPLOYMENT_VIEWER) { id }`,
    ],
    [
      "deploymentUserBulkImport",
      owner,
      `deploymentUserBulkImport(deploymentId: "${d}", users: [{ email: "${email}" }]) { error }`,
    ],
  ])("refuses %s and stores nothing", async (_, someone, field) => {
    const before = [await db.user.count(), await db.invite.count(), await db.roleBinding.count()];
    const answer = await as(someone).send(`mutation { ${field} }`);
    expect(outcomeOf(answer)).toBe("FEATURE_DISABLED");
    expect(answer.errors?.[0]?.message).toContain("userManagement.enabled");
    expect([await db.user.count(), await db.invite.count(), await db.roleBinding.count()]).toEqual(before);
  });

  it("refuses the first sign-up, and one with an invitation", async () => {
    const signUp = `mutation ($inviteToken: String) {
      createUser(email: "ada@example.com", password: "correct horse", inviteToken: $inviteToken) { token { value } }
    }`;
    expect(outcomeOf(await fresh.as(undefined).send(signUp))).toBe("FEATURE_DISABLED");
    const token = newToken();
    await db.invite.create({ data: { ...invited("ada@example.com"), tokenHash: hashOf(token) } });
    expect(outcomeOf(await as(undefined).send(signUp, { inviteToken: token }))).toBe("FEATURE_DISABLED");
    expect(await fresh.db.user.count()).toBe(0);
  });

  it("lets a role in a Workspace be lowered and refuses every other change of it", async () => {
    const user = await build.user({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: w }] });
    const update = async (role: string) => {
      const document = `mutation { workspaceUpdateUserRole(email: "${user.email}", workspaceUuid: "${w}", role: ${role}) }`;
      return outcomeOf(await as(owner).send(document));
    };
    expect(await update("WORKSPACE_ADMIN")).toBe("FEATURE_DISABLED");
    expect(await update("WORKSPACE_EDITOR")).toBe("FEATURE_DISABLED");
    expect(await roleOf(user.id)).toEqual(["WORKSPACE_EDITOR"]);
    expect(await update("WORKSPACE_VIEWER")).toBe("ok");
    expect(await update("WORKSPACE_EDITOR")).toBe("FEATURE_DISABLED");
    expect(await roleOf(user.id)).toEqual(["WORKSPACE_VIEWER"]);
  });

  it("T18: lets the role of an invitation be lowered and not raised", async () => {
    const address = "invited@example.com";
    await db.invite.create({ data: { ...invited(address), tokenHash: newToken() } });
    const update = async (role: string) => {
      const document = `mutation { workspaceUpdateUserRole(email: "${address}", workspaceUuid: "${w}", role: ${role}) }`;
      return outcomeOf(await as(owner).send(document));
    };
    expect(await update("WORKSPACE_ADMIN")).toBe("FEATURE_DISABLED");
    expect(await update("WORKSPACE_VIEWER")).toBe("ok");
    expect(await db.invite.findFirstOrThrow({ where: { email: address } })).toMatchObject({ role: "WORKSPACE_VIEWER" });
  });

  it("lets a role in a Deployment be lowered and refuses every other change of it", async () => {
    const user = await build.user({ roles: [{ role: "DEPLOYMENT_EDITOR", deploymentId: d }] });
    const update = async (role: string) => {
      const given = `email: "${user.email}", deploymentId: "${d}", role: ${role}`;
      return outcomeOf(await as(owner).send(`mutation { deploymentUpdateUserRole(${given}) { id } }`));
    };
    expect(await update("DEPLOYMENT_ADMIN")).toBe("FEATURE_DISABLED");
    expect(await update("DEPLOYMENT_EDITOR")).toBe("FEATURE_DISABLED");
    expect(await update("DEPLOYMENT_VIEWER")).toBe("ok");
    expect(await roleOf(user.id)).toEqual(["DEPLOYMENT_VIEWER"]);
  });

  it("lets users be removed", async () => {
    const user = await build.user({
      roles: [
        { role: "WORKSPACE_EDITOR", workspaceId: w },
        { role: "DEPLOYMENT_EDITOR", deploymentId: d },
      ],
    });
    const inDeployment = `deploymentRemoveUserRole(email: "${user.email}", deploymentId: "${d}") { id }`;
    const inWorkspace = `workspaceRemoveUser(email: "${user.email}", workspaceUuid: "${w}") { id }`;
    expect(outcomeOf(await as(owner).send(`mutation { ${inDeployment} }`))).toBe("ok");
    expect(outcomeOf(await as(owner).send(`mutation { ${inWorkspace} }`))).toBe("ok");
    expect(outcomeOf(await as(root).send(`mutation { removeUser(id: "${user.id}") { id } }`))).toBe("ok");
    expect(await db.user.count({ where: { id: user.id } })).toBe(0);
  });

  it("confirms an address without granting what its invitations promise", async () => {
    const user = await build.user({ status: "pending" });
    const token = newToken();
    const confirmTokenExpiresAt = new Date(Date.now() + 60_000);
    const data = { verified: false, confirmTokenHash: hashOf(token), confirmTokenExpiresAt };
    await db.email.updateMany({ where: { userId: user.id }, data });
    await db.invite.create({ data: { ...invited(user.email), tokenHash: newToken() } });
    const answer = await as(undefined).send(`mutation { confirmEmail(token: "${token}") { user { status } } }`);
    expect(answer.data.confirmEmail.user.status).toBe("active");
    expect(await roleOf(user.id)).toEqual([]);
    expect(await db.invite.count({ where: { email: user.email } })).toBe(1);
  });
});
