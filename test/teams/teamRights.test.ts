import { describe, expect, it } from "vitest";
import type { Role } from "../../src/generated/prisma/enums.ts";
import { countStatements, STATEMENTS_WHEN_REPEATED } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const WORKSPACE = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id label deployments { id } workspaceCapabilities { canUpdateIAM canUpdateWorkspace } } }`;
const DEPLOYMENT = `query ($id: String) { deployment(where: { id: $id }) { id environmentVariables { key value } } }`;
const RENAME = `mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id label } }`;
const VARIABLES = `mutation ($id: Uuid!, $name: String!) {
  updateDeploymentVariables(deploymentUuid: $id, releaseName: $name, environmentVariables: [{ key: "A", value: "1" }]) { key }
}`;
const ACCOUNT = `mutation ($id: Uuid!, $label: String!, $role: Role!) { createWorkspaceServiceAccount(workspaceUuid: $id, label: $label, role: $role) { id roleBindings { role } } }`;
const ADD_USER = `mutation ($id: Uuid!, $email: String!, $role: Role!) { workspaceAddUser(workspaceUuid: $id, email: $email, role: $role) { id } }`;
const SELF = "{ self { isAdmin permissions } }";

/** Sends a query twice: first on Apollo's path, then in one statement. */
async function sendTwice(someone: { token: string }, query: string, variables: object = {}) {
  const send = () => as(someone).send(query, { ...variables });
  const first = await send();
  const { result, statements } = await countStatements(send);
  expect(result).toEqual(first);
  if (!first.errors) expect(statements).toHaveLength(STATEMENTS_WHEN_REPEATED);
  return first;
}

describe("a role held through a team only", () => {
  it("applies in a Workspace, on both paths and for changes", async () => {
    const { workspace } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const { member } = await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
    const { data } = await sendTwice(member, WORKSPACE, { id: workspace.id });
    expect(data.workspace).toMatchObject({
      deployments: [{ id: deployment.id }],
      workspaceCapabilities: { canUpdateIAM: false, canUpdateWorkspace: true },
    });
    const list = await sendTwice(member, "{ workspaces { id } }");
    expect(list.data.workspaces).toEqual([{ id: workspace.id }]);
    expect((await sendTwice(member, "{ deployments { id } }")).data.deployments).toEqual([{ id: deployment.id }]);
    const renamed = await as(member).send(RENAME, { id: workspace.id, payload: { label: "Through a team" } });
    expect(renamed.data.updateWorkspace.label).toBe("Through a team");
    for (let round = 0; round < 3; round++) {
      const account = async (role: Role) =>
        outcomeOf(await as(member).send(ACCOUNT, { id: workspace.id, label: `ci ${round}`, role }));
      expect(await account("WORKSPACE_EDITOR")).toBe("ok");
      expect(await account("WORKSPACE_ADMIN")).toBe("FORBIDDEN");
    }
    expect(await db.serviceAccount.count({ where: { workspaceId: workspace.id } })).toBe(3);
    expect(outcomeOf(await as(member).send(DEPLOYMENT, { id: deployment.id }))).toBe("ok");
  });

  it("applies in its Deployment only", async () => {
    const { deployment, home } = await build.deployment();
    const beside = await build.deployment({ workspaceId: deployment.workspaceId });
    const { member } = await build.team({ roles: [{ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id }] });
    expect((await sendTwice(member, "{ deployments { id } }")).data.deployments).toEqual([{ id: deployment.id }]);
    expect((await as(member).send(DEPLOYMENT, { id: deployment.id })).data.deployment.id).toBe(deployment.id);
    expect(outcomeOf(await as(member).send(DEPLOYMENT, { id: beside.deployment.id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(member).send(WORKSPACE, { id: home?.workspace.id }))).toBe("FORBIDDEN");
    const name = deployment.releaseName;
    expect(outcomeOf(await as(member).send(VARIABLES, { id: deployment.id, name }))).toBe("ok");
    expect(await db.environmentVariable.count({ where: { deploymentId: deployment.id } })).toBe(1);
  });

  it("applies to the platform", async () => {
    const { workspace } = await build.workspace();
    const { member } = await build.team({ roles: [{ role: "SYSTEM_ADMIN" }] });
    expect((await as(member).send(SELF)).data.self.isAdmin).toBe(true);
    expect(outcomeOf(await sendTwice(member, "{ users { id } }"))).toBe("ok");
    expect(outcomeOf(await sendTwice(member, WORKSPACE, { id: workspace.id }))).toBe("ok");
    const guest = await build.user();
    const variables = { id: workspace.id, email: guest.email, role: "WORKSPACE_ADMIN" };
    expect(outcomeOf(await as(member).send(ADD_USER, variables))).toBe("ok");
  });

  it("lets a Workspace Admin act as Deployment Admin, and grant the roles below the team's", async () => {
    const { workspace } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const { member } = await build.team({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const guest = await build.user();
    expect((await as(member).send(DEPLOYMENT, { id: deployment.id })).data.deployment.id).toBe(deployment.id);
    const variables = { id: workspace.id, email: guest.email, role: "WORKSPACE_ADMIN" };
    expect(outcomeOf(await as(member).send(ADD_USER, variables))).toBe("ok");
  });
});

describe("several roles in one scope", () => {
  const give = async (own: Role, ofTeam: Role) => {
    const { workspace } = await build.workspace();
    const user = await build.user({ roles: [{ role: own, workspaceId: workspace.id }] });
    await build.team({ members: [user], roles: [{ role: ofTeam, workspaceId: workspace.id }] });
    await build.team({ members: [user], roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    return { workspace, user };
  };

  it.each<[Role, Role]>([
    ["WORKSPACE_VIEWER", "WORKSPACE_EDITOR"],
    ["WORKSPACE_EDITOR", "WORKSPACE_VIEWER"],
  ])("the higher of a user's %s and a team's %s applies", async (own, ofTeam) => {
    const { workspace, user } = await give(own, ofTeam);
    const { data } = await sendTwice(user, WORKSPACE, { id: workspace.id });
    expect(data.workspace.workspaceCapabilities.canUpdateWorkspace).toBe(true);
    const answer = await as(user).send(RENAME, { id: workspace.id, payload: { description: "Renamed" } });
    expect(outcomeOf(answer)).toBe("ok");
  });
});

describe("the next request", () => {
  it("ignores a team's removed or changed role, and deleted teams", async () => {
    const { workspace } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
    const rename = () => as(member).send(RENAME, { id: workspace.id, payload: { description: "Again" } });
    const see = () => as(member).send(WORKSPACE, { id: workspace.id });
    expect([outcomeOf(await see()), outcomeOf(await see()), outcomeOf(await rename())]).toEqual(["ok", "ok", "ok"]);
    await db.roleBinding.updateMany({ where: { teamId: team.id }, data: { role: "WORKSPACE_VIEWER" } });
    expect([outcomeOf(await see()), outcomeOf(await rename())]).toEqual(["ok", "FORBIDDEN"]);
    await db.roleBinding.deleteMany({ where: { teamId: team.id } });
    expect(outcomeOf(await see())).toBe("FORBIDDEN");
    await db.roleBinding.create({ data: { teamId: team.id, role: "SYSTEM_VIEWER" } });
    expect(outcomeOf(await see())).toBe("ok");
    await db.team.delete({ where: { id: team.id } });
    expect(outcomeOf(await see())).toBe("FORBIDDEN");
  });

  it("ignores teams that the caller left, and considers those they joined", async () => {
    const { workspace } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    const newcomer = await build.user();
    const see = async (someone: { token: string }) =>
      outcomeOf(await as(someone).send(WORKSPACE, { id: workspace.id }));
    expect([await see(member), await see(member), await see(newcomer)]).toEqual(["ok", "ok", "FORBIDDEN"]);
    const boss = await build.systemAdmin();
    const document = `mutation ($id: ID, $ids: [ID]) { updateTeam(id: $id, teamUserIds: $ids) { team { id } } }`;
    await as(boss).send(document, { id: team.id, ids: [newcomer.id] });
    expect([await see(member), await see(newcomer)]).toEqual(["FORBIDDEN", "ok"]);
  });
});

describe("the last Admin", () => {
  it("must be a user: a team's role is not enough", async () => {
    const { workspace, admin } = await build.workspace();
    const { deployment, admin: owner } = await build.deployment({ workspaceId: workspace.id });
    await db.roleBinding.deleteMany({ where: { role: "SYSTEM_ADMIN", userId: { not: null } } });
    const boss = await build.systemAdmin();
    await build.team({
      roles: [
        { role: "SYSTEM_ADMIN" },
        { role: "WORKSPACE_ADMIN", workspaceId: workspace.id },
        { role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id },
      ],
    });
    const outcome = async (document: string) => outcomeOf(await as(boss).send(document));
    expect(
      await outcome(
        `mutation { workspaceRemoveUser(workspaceUuid: "${workspace.id}", email: "${admin.email}") { id } }`,
      ),
    ).toBe("CONFLICT email");
    expect(
      await outcome(
        `mutation { deploymentRemoveUserRole(deploymentId: "${deployment.id}", email: "${owner.email}") { id } }`,
      ),
    ).toBe("CONFLICT email");
    expect(await outcome(`mutation { deleteSystemRoleBinding(userId: "${boss.id}", role: SYSTEM_ADMIN) { id } }`)).toBe(
      "CONFLICT userId",
    );
    expect(await outcome(`mutation { removeUser(id: "${boss.id}") { id } }`)).toBe("CONFLICT id");
  });

  it("may be a team that is removed", async () => {
    const workspace = await db.workspace.create({ data: { label: "Nobody's" } });
    const { team } = await build.team({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const boss = await build.systemAdmin();
    const document = `mutation { workspaceRemoveTeam(workspaceUuid: "${workspace.id}", teamUuid: "${team.id}") { id } }`;
    expect(outcomeOf(await as(boss).send(document))).toBe("ok");
    expect(await db.roleBinding.count({ where: { workspaceId: workspace.id } })).toBe(0);
  });
});
