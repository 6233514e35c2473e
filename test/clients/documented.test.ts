import { describe, expect, it } from "vitest";
import type { Answer } from "../support/as.ts";
import { countStatements } from "../support/countStatements.ts";
import { callerOf, documentedScene, filled, type Scene, samples } from "../support/documented.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db, config } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });

/** What the documentation says each answer holds. */
const checks: Record<string, (data: Answer["data"], here: Scene) => unknown> = {
  workspaceDeployments: ({ workspaceDeployments: [one, ...others] }, here) => {
    expect(others).toEqual([]);
    expect(one).toMatchObject({ uuid: here.deployment.id, status: "UNKNOWN", config: { executor: "CeleryExecutor" } });
    expect(new Date(one.createdAt).toISOString()).toBe(one.createdAt);
    expect(
      one.workspace.users.map((user: { emails: { address: string }[] }) => user.emails[0]?.address).sort(),
    ).toEqual([here.admin.email, here.editor.email, here.viewer.email].sort());
  },
  "users by e-mail": ({ users }, here) => {
    expect(users).toEqual([
      { id: here.somebody.id, roleBindings: [], status: "active", createdAt: here.somebody.createdAt.toISOString() },
    ]);
  },
  "createDeployment, executor inside config": async ({ createDeployment }, here) => {
    expect(createDeployment).toMatchObject({
      config: { executor: "CeleryExecutor" },
      workspace: { label: here.workspace.label },
      releaseName: expect.stringMatching(/^[a-z]+-[a-z]+-\d{4}$/),
    });
    const [binding] = await db.roleBinding.findMany({ where: { deploymentId: createDeployment.id } });
    expect(createDeployment.roleBindings).toEqual([{ id: binding?.id }]);
    expect(binding).toMatchObject({ role: "DEPLOYMENT_ADMIN", userId: here.editor.id });
  },
  "createDeployment, executor argument": async ({ createDeployment: { id } }) => {
    expect(await db.deployment.findUniqueOrThrow({ where: { id } })).toMatchObject({
      executor: "CeleryExecutor",
      runtimeVersion: "7.2.0",
    });
  },
  deleteDeployment: async ({ deleteDeployment }, here) => {
    expect(deleteDeployment).toEqual({ uuid: here.deployment.id });
    expect((await db.deployment.findUniqueOrThrow({ where: { id: here.deployment.id } })).deletedAt).not.toBeNull();
  },
  deploymentAddUserRole: ({ deploymentAddUserRole }, here) => {
    expect(deploymentAddUserRole).toMatchObject({
      user: { username: here.somebody.username },
      role: "DEPLOYMENT_VIEWER",
      deployment: { id: here.deployment.id, releaseName: here.deployment.releaseName },
    });
  },
  "removeUser by userUuid": removed,
  "removeUser by id": removed,
  verifyEmail: ({ verifyEmail }) => expect(verifyEmail).toBe(true),
  "workspaceAddUser, bypassing the invite": async ({ workspaceAddUser }, here) => {
    expect(workspaceAddUser).toEqual({ id: here.workspace.id });
    expect(await db.roleBinding.count({ where: { workspaceId: here.workspace.id, role: "WORKSPACE_VIEWER" } })).toBe(2);
    expect(await db.invite.count({ where: { workspaceId: here.workspace.id } })).toBe(0);
  },
  "workspaceAddUser, custom types": ({ workspaceAddUser }, here) => {
    expect(workspaceAddUser.label).toBe(here.workspace.label);
    expect(JSON.stringify(workspaceAddUser.users)).toContain(here.somebody.email);
  },
  createSystemRoleBinding: systemAdminNow("createSystemRoleBinding"),
  "createSystemRoleBinding, variables": systemAdminNow("createSystemRoleBinding"),
  createSystemServiceAccount: async ({ createSystemServiceAccount: { apiKey } }) => {
    const label = `Made by a machine ${Math.random()}`;
    const { data } = await as({ token: apiKey }).send(
      `mutation ($label: String!) { createWorkspace(label: $label) { label } }`,
      {
        label,
      },
    );
    expect(data.createWorkspace).toEqual({ label });
  },
  updateDeploymentVariables: async ({ updateDeploymentVariables }, here) => {
    expect(updateDeploymentVariables).toEqual([
      { key: "FIRST_KEY", value: "first", isSecret: false },
      { key: "SECOND_KEY", value: "", isSecret: true },
    ]);
    const stored = await db.environmentVariable.findMany({ where: { deploymentId: here.deployment.id } });
    expect(stored).toHaveLength(2);
    expect(JSON.stringify(stored)).not.toContain("second");
  },
  workspaceDeployment: ({ workspaceDeployment }, here) => {
    expect(workspaceDeployment).toMatchObject({
      id: here.deployment.id,
      status: "UNKNOWN",
      // Who may see a Workspace may see its Deployments, not the people of each.
      roleBindings: [],
    });
  },
  upsertDeployment: ({ upsertDeployment }, here) => {
    expect(upsertDeployment).toMatchObject({
      label: "test-new-dep",
      workspace: { id: here.workspace.id },
      runtimeVersion: "7.2.0",
      airflowVersion: "2.5.1",
      upsertedEnvironmentVariables: [{ key: "AIRFLOW__CORE__COLORED_LOG_FORMAT", value: "test", isSecret: false }],
      urls: [
        { type: "airflow", url: expect.stringContaining(`${config.helm.baseDomain}/${upsertDeployment.releaseName}/`) },
        { type: "flower" },
      ],
      dagDeployment: { type: "image" },
      config: { executor: "CeleryExecutor" },
    });
  },
};

async function removed({ removeUser }: Answer["data"], here: Scene) {
  expect(removeUser).toEqual({ uuid: here.somebody.id, emails: [{ address: here.somebody.email }], status: "active" });
  expect(await db.user.findUnique({ where: { id: here.somebody.id } })).toBeNull();
}

function systemAdminNow(field: string) {
  return async (data: Answer["data"], here: Scene) => {
    const binding = await db.roleBinding.findUniqueOrThrow({ where: { id: data[field].id } });
    expect(binding).toMatchObject({ userId: here.somebody.id, role: "SYSTEM_ADMIN" });
  };
}

describe("every documented request", () => {
  it.each(samples)("$name ($caller)", async (sample) => {
    const here = await documentedScene(build);
    const { document, variables } = filled(sample, here);
    const { result, statements } = await countStatements(() =>
      as(callerOf(sample.caller, here)).send(document, variables),
    );
    expect(result).not.toHaveProperty("errors");
    expect(result.status).toBe(200);
    const check = checks[sample.name];
    if (!check) throw new Error(`No expectation for ${sample.name}`);
    await check(result.data, here);
    if (document.trimStart().startsWith("query")) expect(statements.length).toBeLessThanOrEqual(2);
  });
});
