import { describe, expect, it } from "vitest";
import type { Answer } from "../support/as.ts";
import { countStatements } from "../support/countStatements.ts";
import { allowNamespace, callerOf, documentedScene, filled, type Scene, samples } from "../support/documented.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db, config } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });

/** What each response must contain according to the documentation. */
const checks: Record<string, (data: Answer["data"], scene: Scene) => unknown> = {
  workspaceDeployments: ({ workspaceDeployments: [one, ...others] }, scene) => {
    expect(others).toEqual([]);
    expect(one).toMatchObject({ uuid: scene.deployment.id, status: "UNKNOWN", config: { executor: "CeleryExecutor" } });
    expect(new Date(one.createdAt).toISOString()).toBe(one.createdAt);
    expect(
      one.workspace.users.map((user: { emails: { address: string }[] }) => user.emails[0]?.address).sort(),
    ).toEqual([scene.admin.email, scene.editor.email, scene.viewer.email].sort());
  },
  "users by e-mail": ({ users }, scene) => {
    expect(users).toEqual([
      {
        id: scene.otherUser.id,
        roleBindings: [],
        status: "active",
        createdAt: scene.otherUser.createdAt.toISOString(),
      },
    ]);
  },
  "createDeployment, executor inside config": async ({ createDeployment }, scene) => {
    expect(createDeployment).toMatchObject({
      config: { executor: "CeleryExecutor" },
      workspace: { label: scene.workspace.label },
      releaseName: expect.stringMatching(/^[a-z]+-[a-z]+-\d{4}$/),
    });
    const [binding] = await db.roleBinding.findMany({ where: { deploymentId: createDeployment.id } });
    expect(createDeployment.roleBindings).toEqual([{ id: binding?.id }]);
    expect(binding).toMatchObject({ role: "DEPLOYMENT_ADMIN", userId: scene.editor.id });
  },
  "createDeployment, executor argument": async ({ createDeployment: { id } }) => {
    expect(await db.deployment.findUniqueOrThrow({ where: { id } })).toMatchObject({
      executor: "CeleryExecutor",
      runtimeVersion: "7.2.0",
    });
  },
  deleteDeployment: async ({ deleteDeployment }, scene) => {
    expect(deleteDeployment).toEqual({ uuid: scene.deployment.id });
    expect((await db.deployment.findUniqueOrThrow({ where: { id: scene.deployment.id } })).deletedAt).not.toBeNull();
  },
  deploymentAddUserRole: ({ deploymentAddUserRole }, scene) => {
    expect(deploymentAddUserRole).toMatchObject({
      user: { username: scene.otherUser.username },
      role: "DEPLOYMENT_VIEWER",
      deployment: { id: scene.deployment.id, releaseName: scene.deployment.releaseName },
    });
  },
  "removeUser by userUuid": removed,
  "removeUser by id": removed,
  verifyEmail: ({ verifyEmail }) => expect(verifyEmail).toBe(true),
  "workspaceAddUser, bypassing the invite": async ({ workspaceAddUser }, scene) => {
    expect(workspaceAddUser).toEqual({ id: scene.workspace.id });
    expect(await db.roleBinding.count({ where: { workspaceId: scene.workspace.id, role: "WORKSPACE_VIEWER" } })).toBe(
      2,
    );
    expect(await db.invite.count({ where: { workspaceId: scene.workspace.id } })).toBe(0);
  },
  "workspaceAddUser, custom types": ({ workspaceAddUser }, scene) => {
    expect(workspaceAddUser.label).toBe(scene.workspace.label);
    expect(JSON.stringify(workspaceAddUser.users)).toContain(scene.otherUser.email);
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
  updateDeploymentVariables: async ({ updateDeploymentVariables }, scene) => {
    expect(updateDeploymentVariables).toEqual([
      { key: "FIRST_KEY", value: "first", isSecret: false },
      { key: "SECOND_KEY", value: "", isSecret: true },
    ]);
    const stored = await db.environmentVariable.findMany({ where: { deploymentId: scene.deployment.id } });
    expect(stored).toHaveLength(2);
    expect(JSON.stringify(stored)).not.toContain("second");
  },
  workspaceDeployment: ({ workspaceDeployment }, scene) => {
    expect(workspaceDeployment).toMatchObject({
      id: scene.deployment.id,
      status: "UNKNOWN",
      // A caller who may see a Workspace may see its Deployments, but not their users.
      roleBindings: [],
    });
  },
  upsertDeployment: ({ upsertDeployment }, scene) => {
    expect(upsertDeployment).toMatchObject({
      label: "test-new-dep",
      workspace: { id: scene.workspace.id },
      runtimeVersion: "7.2.0",
      airflowVersion: null,
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

async function removed({ removeUser }: Answer["data"], scene: Scene) {
  expect(removeUser).toEqual({
    uuid: scene.otherUser.id,
    emails: [{ address: scene.otherUser.email }],
    status: "active",
  });
  expect(await db.user.findUnique({ where: { id: scene.otherUser.id } })).toBeNull();
}

function systemAdminNow(field: string) {
  return async (data: Answer["data"], scene: Scene) => {
    const binding = await db.roleBinding.findUniqueOrThrow({ where: { id: data[field].id } });
    expect(binding).toMatchObject({ userId: scene.otherUser.id, role: "SYSTEM_ADMIN" });
  };
}

describe("documented requests", () => {
  it.each(samples)("$name ($caller)", async (sample) => {
    const scene = await documentedScene(build, sample.name);
    await allowNamespace(db, sample, scene);
    const { document, variables } = filled(sample, scene);
    const { result, statements } = await countStatements(() =>
      as(callerOf(sample.caller, scene)).send(document, variables),
    );
    expect(result).not.toHaveProperty("errors");
    expect(result.status).toBe(200);
    const check = checks[sample.name];
    if (!check) throw new Error(`No expectation for ${sample.name}`);
    await check(result.data, scene);
    if (document.trimStart().startsWith("query")) expect(statements.length).toBeLessThanOrEqual(2);
  });
});
