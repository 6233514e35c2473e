import { expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { openSocket, protocols } from "../support/sockets.ts";

// What other servers of this kind once got wrong.
const { as, build, db, url } = await testHouston({
  deployments: { upsertDeploymentEnabled: true, enableUpdateDeploymentImageEndpoint: true },
});

const rest = async (token: string, path: string, body?: object) => {
  const response = await fetch(`${url}${REST_PREFIX}/organizations/${DEFAULT_ORGANIZATION}${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

it("R1: a Workspace's service account reads no Deployment of another one, whatever its role", async () => {
  const { deployment: foreign } = await build.deployment();
  for (const role of ["WORKSPACE_VIEWER", "WORKSPACE_EDITOR", "WORKSPACE_ADMIN"] as const) {
    const { deployment: own } = await build.deployment();
    const account = await build.serviceAccount({ role, workspaceId: own.workspaceId });
    const { data } = await as(account).send("{ deployments { id } }");
    expect(data.deployments).toEqual([{ id: own.id }]);
    for (const query of [
      `deployment(where: { id: "${foreign.id}" }) { id }`,
      `deployment(where: { releaseName: "${foreign.releaseName}" }) { id }`,
      `workspaceDeployments(workspaceUuid: "${foreign.workspaceId}") { id }`,
      `workspaceDeployment(workspaceUuid: "${foreign.workspaceId}", releaseName: "${foreign.releaseName}") { id }`,
      `deploymentVariables(deploymentUuid: "${foreign.id}") { key }`,
      `paginatedDeployRevisions(deploymentUuid: "${foreign.id}") { id }`,
    ]) {
      expect([query, outcomeOf(await as(account).send(`{ ${query} }`))]).toEqual([query, "FORBIDDEN"]);
    }
    expect((await rest(account.token, `/deployments/${foreign.id}`)).status).toBe(404);
    expect((await rest(account.token, "/deployments")).text).not.toContain(foreign.id);
  }
});

it("R2: an Editor of a Workspace changes no Deployment without a role on it", async () => {
  const { deployment, home } = await build.deployment();
  const { id, label, releaseName, workspaceId } = deployment;
  const editors = [home?.editor, await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId })];
  for (const editor of editors) {
    for (const change of [
      `updateDeployment(deploymentUuid: "${id}", payload: { label: "Mine" }) { id }`,
      `upsertDeployment(deploymentUuid: "${id}", description: "Mine") { id }`,
      `upsertDeployment(workspaceUuid: "${workspaceId}", label: "${label}", description: "Mine") { id }`,
      `upsertDeployment(workspaceUuid: "${workspaceId}", releaseName: "${releaseName}", description: "Mine") { id }`,
      `updateDeploymentImage(releaseName: "${releaseName}", image: "registry.example.com/mine:1") { id }`,
      `updateDeploymentVariables(deploymentUuid: "${id}", releaseName: "${releaseName}", environmentVariables: []) { key }`,
      `deploymentAlertsUpdate(deploymentUuid: "${id}", alertEmails: []) { id }`,
      `deleteDeployment(deploymentUuid: "${id}") { id }`,
    ]) {
      expect([change, outcomeOf(await as(editor).send(`mutation { ${change} }`))]).toEqual([change, "FORBIDDEN"]);
    }
    const { status } = await rest(editor?.token ?? "", `/deployments/${id}`, { name: "Mine" });
    expect([400, 403, 404]).toContain(status);
  }
  expect(await db.deployment.findUniqueOrThrow({ where: { id } })).toEqual(deployment);
});

it("R3: a service account has exactly the role that it was created with, the highest one included", async () => {
  const { workspace, admin } = await build.workspace();
  for (const role of ["WORKSPACE_ADMIN", "WORKSPACE_EDITOR", "WORKSPACE_VIEWER"]) {
    const create = `mutation ($id: Uuid!, $role: Role!) {
      createWorkspaceServiceAccount(workspaceUuid: $id, label: "CI", role: $role) { apiKey }
    }`;
    const { data } = await as(admin).send(create, { id: workspace.id, role });
    const account = { token: data.createWorkspaceServiceAccount.apiKey as string };
    const update = `mutation { updateWorkspace(workspaceUuid: "${workspace.id}", payload: { description: "${role}" }) { id } }`;
    const { email } = await build.user();
    const add = `mutation { workspaceAddUser(workspaceUuid: "${workspace.id}", email: "${email}", role: WORKSPACE_VIEWER) { id } }`;
    const read = `{ workspace(workspaceUuid: "${workspace.id}") { id } }`;
    const outcomes = await Promise.all([read, update, add].map(async (one) => outcomeOf(await as(account).send(one))));
    const may = (roles: string[]) => (roles.includes(role) ? "ok" : "FORBIDDEN");
    expect([role, ...outcomes]).toEqual([
      ...[role, "ok", may(["WORKSPACE_ADMIN", "WORKSPACE_EDITOR"])],
      may(["WORKSPACE_ADMIN"]),
    ]);
  }
});

it("R4: nobody deletes a team, or takes it out of a Workspace, without the permission; members neither", async () => {
  const { workspace, admin } = await build.workspace();
  const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
  const elsewhere = (await build.workspace()).admin;
  const take = `mutation { workspaceRemoveTeam(workspaceUuid: "${workspace.id}", teamUuid: "${team.id}") { id } }`;
  for (const someone of [undefined, await build.user(), elsewhere, member, admin]) {
    for (const how of [`teamUuid: "${team.id}"`, `name: "${team.name}", provider: "${team.provider}"`]) {
      const { errors } = await as(someone).send(`mutation { removeTeam(${how}) { id } }`);
      expect(errors?.[0]?.extensions.code).toMatch(/^(FORBIDDEN|UNAUTHENTICATED)$/);
    }
    if (someone !== admin) expect((await as(someone).send(take)).errors).toHaveLength(1);
  }
  expect(await db.team.count({ where: { id: team.id } })).toBe(1);
  expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(1);
});

it("R5: a name finds no Deployment of another Workspace", async () => {
  const { deployment: foreign } = await build.deployment({ label: "Shared" });
  const { deployment: own, admin } = await build.deployment({ label: "Shared" });
  const { home } = await build.deployment();
  const w = `workspaceUuid: "${own.workspaceId}"`;
  const boss = await build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: own.workspaceId }] });
  const read = await as(boss).send(`{ workspaceDeployment(${w}, releaseName: "${foreign.releaseName}") { id } }`);
  expect(JSON.stringify(read)).not.toContain(foreign.id);
  const both = `deploymentUuid: "${own.id}", releaseName: "${foreign.releaseName}"`;
  await db.environmentVariable.create({ data: { deploymentId: own.id, key: "BLUE", value: "sky" } });
  for (const call of [
    `{ deploymentVariables(${both}) { key } }`,
    `mutation { updateDeploymentVariables(${both}, environmentVariables: []) { key } }`,
    `mutation { upsertDeployment(${both}, description: "Mine") { id } }`,
  ]) {
    expect([call, outcomeOf(await as(admin).send(call))]).toEqual([call, "BAD_USER_INPUT releaseName"]);
  }
  expect(await db.environmentVariable.count({ where: { deploymentId: own.id } })).toBe(1);
  expect(await db.deployment.findUniqueOrThrow({ where: { id: own.id } })).toEqual(own);
  const upsert = `upsertDeployment(${w}, releaseName: "${foreign.releaseName}", description: "Mine") { id }`;
  expect((await as(boss).send(`mutation { ${upsert} }`)).errors).toHaveLength(1);
  const named = await as(boss).send(`mutation { upsertDeployment(${w}, label: "Shared", description: "Mine") { id } }`);
  expect(named.data.upsertDeployment).toEqual({ id: own.id });
  const image = `updateDeploymentImage(releaseName: "${foreign.releaseName}", image: "registry.example.com/mine:1") { id }`;
  expect(outcomeOf(await as(home?.admin).send(`mutation { ${image} }`))).toBe("FORBIDDEN");
  expect(await db.deployment.findUniqueOrThrow({ where: { id: foreign.id } })).toEqual(foreign);
});

it("R6: a token is refused by every API after logout", async () => {
  const { token } = await build.systemAdmin();
  expect(outcomeOf(await as({ token }).send("{ users { id } }"))).toBe("ok");
  await fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: token } });
  expect(outcomeOf(await as({ token }).send("{ users { id } }"))).toBe("UNAUTHENTICATED");
  expect((await rest(token, "/workspaces")).status).toBe(401);
  const alpha = await fetch(`${url}/alpha`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: token },
    body: JSON.stringify({ query: "{ organizations { id } }" }),
  });
  expect(await alpha.text()).toContain("UNAUTHENTICATED");
  for (const protocol of protocols) {
    const { send, closed } = await openSocket(url, protocol);
    send({ type: "connection_init", payload: { authorization: token } });
    expect((await closed).code).toBe(4401);
  }
});

it("R7: the last Admin of a Workspace or Deployment is not removed and not given a lesser role", async () => {
  const { deployment, admin: last, home } = await build.deployment();
  const [w, boss] = [deployment.workspaceId, home?.admin];
  const inWorkspace = [
    `workspaceRemoveUser(workspaceUuid: "${w}", userUuid: "${boss?.id}") { id }`,
    `workspaceUpdateUserRole(workspaceUuid: "${w}", email: "${boss?.email}", role: WORKSPACE_VIEWER)`,
    `workspaceUpsertUserRole(workspaceUuid: "${w}", email: "${boss?.email}", role: WORKSPACE_VIEWER)`,
  ];
  const inDeployment = [
    `deploymentRemoveUserRole(deploymentId: "${deployment.id}", userId: "${last.id}", email: "${last.email}") { id }`,
    `deploymentUpdateUserRole(deploymentId: "${deployment.id}", email: "${last.email}", role: DEPLOYMENT_VIEWER) { id }`,
  ];
  for (const someone of [boss, last, await build.systemAdmin()]) {
    for (const change of [...inWorkspace, ...inDeployment]) {
      const outcome = outcomeOf(await as(someone).send(`mutation { ${change} }`));
      expect([change, outcome]).toEqual([change, expect.stringMatching(/^(CONFLICT|FORBIDDEN)/)]);
    }
  }
  expect(await db.roleBinding.count({ where: { userId: boss?.id ?? "", role: "WORKSPACE_ADMIN" } })).toBe(1);
  expect(await db.roleBinding.count({ where: { userId: last.id, role: "DEPLOYMENT_ADMIN" } })).toBe(1);
});

it("R8: no way to a system role leaves allowedSystemLevelDomains out", async () => {
  const strict = await testHouston({ allowedSystemLevelDomains: ["corp.example"] });
  const boss = strict.as(await strict.build.systemAdmin());
  const insider = await strict.build.user({ email: "in@corp.example" });
  const claims = ["out@not-corp.example", "out@corp.example.evil.example", "corp.example@evil.example"];
  for (const email of claims) {
    const outsider = await strict.build.user({ email });
    // An address that its owner has not proven does not count.
    const address = `claim-${claims.indexOf(email)}@corp.example`;
    await strict.db.email.create({ data: { userId: outsider.id, address, verified: true, proven: false } });
    const { team } = await strict.build.team({ members: [outsider] });
    const { team: powerful } = await strict.build.team({ members: [insider], roles: [{ role: "SYSTEM_VIEWER" }] });
    for (const grant of [
      `createSystemRoleBinding(userId: "${outsider.id}", role: SYSTEM_VIEWER) { id }`,
      `createTeamSystemRoleBinding(teamUuid: "${team.id}", role: SYSTEM_VIEWER) { id }`,
      `updateTeam(id: "${powerful.id}", addUserIds: ["${outsider.id}"]) { team { id } }`,
      `groupAddUser(groupUuid: "${powerful.id}", userUuid: "${outsider.id}") { uuid }`,
    ]) {
      const outcome = outcomeOf(await boss.send(`mutation { ${grant} }`));
      expect([grant, outcome]).toEqual([grant, expect.stringMatching(/^BAD_USER_INPUT/)]);
    }
    expect(outcomeOf(await strict.as(outsider).send("{ users { id } }"))).toBe("FORBIDDEN");
  }
  const grant = `mutation { createSystemRoleBinding(userId: "${insider.id}", role: SYSTEM_VIEWER) { id } }`;
  expect(outcomeOf(await boss.send(grant))).toBe("ok");
});
