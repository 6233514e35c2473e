import { describe, expect, it } from "vitest";
import samples from "../contract/samples/houston.json" with { type: "json" };
import type { Answer } from "../support/as.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db, config } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });

/** A platform as the documentation's readers have it: a Workspace with a Deployment, people, and somebody to act upon. */
async function scene() {
  const home = await build.workspace();
  const { deployment } = await build.deployment({ workspaceId: home.workspace.id });
  const somebody = await build.user({ fullName: "Some Body" });
  return { ...home, deployment, somebody, systemAdmin: await build.systemAdmin() };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const callerOf = (caller: string, { viewer, editor, admin, systemAdmin }: Scene) => {
  if (caller.startsWith("workspace viewer")) return viewer;
  if (caller.startsWith("workspace editor")) return editor;
  if (caller === "system admin") return systemAdmin;
  // Deployment roles: a Workspace Admin acts as Deployment Admin.
  return admin;
};

const newcomer = () => `newcomer-${Math.random().toString(36).slice(2)}@example.com`;

/** The documents use the same placeholder for different things; what stands for each is told by the sample's name. */
function fill(text: string, name: string, here: Scene): string {
  const email = name === "workspaceAddUser, bypassing the invite" ? newcomer() : here.somebody.email;
  const values: Record<string, string> = {
    "<workspace-id>": here.workspace.id,
    "<deployment-id>": here.deployment.id,
    "<release-name>": here.deployment.releaseName,
    "<user-id>": here.somebody.id,
    "<email>": email,
    "<name@example.com>": here.somebody.email,
    "<name>": `Deployment ${Math.random()}`,
    "<label>": `Account ${Math.random()}`,
    "<runtime>": "7.2.0",
    "<KEY_1>": "FIRST_KEY",
    "<value-1>": "first",
    "<KEY_2>": "SECOND_KEY",
    "<value-2>": "second",
  };
  const filled = text.replaceAll(/<[\w@. -]+>/g, (placeholder) => values[placeholder] ?? placeholder);
  expect(filled).not.toMatch(/<[a-z]/i);
  return filled;
}

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
    const here = await scene();
    const { document, variables } = JSON.parse(fill(JSON.stringify(sample), sample.name, here)) as typeof sample;
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
