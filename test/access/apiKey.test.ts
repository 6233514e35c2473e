import { describe, expect, it } from "vitest";
import { isApiKey, KEY_PREFIX, newApiKey } from "../../src/access/apiKey.ts";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, config, db, url } = await testHouston();

const READ = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id } }`;

/** Every key that differs from `key` in one character, then shorter and longer ones. */
const damagedFrom = (key: string) => [
  ...Array.from(key, (char, at) => key.slice(0, at) + (char === "a" ? "b" : "a") + key.slice(at + 1)),
  key.slice(0, -1),
  key.slice(1),
  `${key}0`,
  `${key} 0`,
  key.toUpperCase(),
  KEY_PREFIX,
];

describe("an API key", () => {
  it("has a recognizable format and is unique", () => {
    const keys = Array.from({ length: 1_000 }, newApiKey);
    expect(new Set(keys).size).toBe(1_000);
    for (const key of keys) {
      expect(key).toMatch(/^hou_[0-9A-Za-z]{32}_[0-9a-f]{8}$/);
      expect(isApiKey(key)).toBe(true);
    }
  });

  it("detects any changed character", () => {
    expect(damagedFrom(newApiKey()).filter(isApiKey)).toEqual([]);
  });

  it.each(["%s", "Bearer %s", "bearer %s", "BEARER  %s", " bEaReR %s "])("is accepted as %j", async (form) => {
    const { workspace } = await build.workspace();
    const { token } = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const { data } = await as({ token: form.replace("%s", token) }).send(READ, { id: workspace.id });
    expect(data.workspace).toEqual({ id: workspace.id });
  });

  it("is rejected without a database lookup when damaged", async () => {
    const { workspace } = await build.workspace();
    const { token } = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const tokens = damagedFrom(token);
    const { result: answers, statements } = await countStatements(() =>
      Promise.all(tokens.map((damaged) => as({ token: damaged }).send(READ, { id: workspace.id }))),
    );
    expect(statements.filter((sql) => sql.includes("ServiceAccount") || sql.includes("Workspace"))).toEqual([]);
    for (const { status, data, errors } of answers) {
      expect({ status, data }).toEqual({ status: 200, data: { workspace: null } });
      expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });

  it("is rejected when unknown or when its account is inactive", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    await db.serviceAccount.update({ where: { id: account.id }, data: { active: false } });
    for (const token of [newApiKey(), account.token]) {
      const { errors } = await as({ token }).send(READ, { id: workspace.id });
      expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });

  it("is revoked when its Workspace is deleted", async () => {
    const { workspace } = await build.workspace();
    const { token } = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    await db.workspace.delete({ where: { id: workspace.id } });
    const { errors } = await as({ token }).send(READ, { id: workspace.id });
    expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("is rejected when it is sent twice in one header", async () => {
    const { token } = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const response = await fetch(`${url}/v1`, {
      method: "POST",
      headers: [
        ["content-type", "application/json"],
        ["authorization", token],
        ["authorization", token],
      ],
      body: JSON.stringify({ query: "{ sysWorkspaces { id } }" }),
    });
    expect(await response.json()).toMatchObject({ errors: [{ message: DENIED }] });
  });
});

describe("permissions of an API key", () => {
  const CREATE = `mutation ($label: String!) { createWorkspace(label: $label) { id } }`;

  it("lets SYSTEM_ADMIN do everything, and creates Workspaces without a Workspace Admin", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const { data } = await as(account).send(CREATE, { label: "By machine" });
    const { id } = data.createWorkspace;
    expect(await db.roleBinding.count({ where: { workspaceId: id } })).toBe(0);
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      actor: `serviceAccount:${account.id}`,
    });
    const { workspace } = await build.workspace();
    expect((await as(account).send(READ, { id: workspace.id })).data.workspace).toEqual({ id: workspace.id });
  });

  it("lets any system role create Workspaces, as every user can", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const { data } = await as(account).send(CREATE, { label: "By a viewer" });
    expect(data.createWorkspace.id).toBeTruthy();
  });

  it("limits a Workspace role to its Workspace", async () => {
    const [{ workspace }, other] = [await build.workspace(), await build.workspace()];
    const { deployment } = await build.deployment({ workspaceId: other.workspace.id });
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    const see = (query: string, variables = {}) => as(account).send(query, variables);
    expect((await see(READ, { id: workspace.id })).data.workspace).toEqual({ id: workspace.id });
    expect((await see("{ workspaces { id } }")).data.workspaces).toEqual([{ id: workspace.id }]);
    for (const [query, variables] of [
      [READ, { id: other.workspace.id }],
      [CREATE, { label: "Mine" }],
      ["{ sysWorkspaces { id } }", {}],
      [`query ($id: Uuid!) { deploymentServiceAccounts(deploymentUuid: $id) { id } }`, { id: deployment.id }],
    ] as const) {
      const { errors } = await see(query, variables);
      expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "FORBIDDEN" } }]);
    }
  });

  it("reads Deployments of its own Workspace only", async () => {
    const home = await build.deployment();
    const foreign = await build.deployment();
    const { token } = await build.serviceAccount({
      role: "WORKSPACE_ADMIN",
      workspaceId: home.deployment.workspaceId,
    });
    const DEPLOYMENTS = `query ($w: Uuid!) { workspace(workspaceUuid: $w) { deployments { id } } }`;
    const { data } = await as({ token }).send(DEPLOYMENTS, { w: home.deployment.workspaceId });
    expect(data.workspace.deployments).toEqual([{ id: home.deployment.id }]);
    const { errors } = await as({ token }).send(DEPLOYMENTS, { w: foreign.deployment.workspaceId });
    expect(errors).toMatchObject([{ message: DENIED }]);
  });

  it("denies changes to WORKSPACE_VIEWER", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const { errors } = await as(account).send(
      `mutation ($id: Uuid!) { updateWorkspace(workspaceUuid: $id, payload: { label: "Taken" }) { id } }`,
      { id: workspace.id },
    );
    expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "FORBIDDEN" } }]);
  });
});

it("API keys are refused by every API while serviceAccounts.enabled is false, and accepted again afterwards", async () => {
  const { token } = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
  const answers = async () => {
    const post = (path: string, query: string) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: token },
        body: JSON.stringify({ query }),
      }).then((response) => response.text());
    const headers = { authorization: `Bearer ${token}` };
    const organizations = await fetch(`${url}/platform/v1beta1/organizations`, { headers });
    return [
      (await post("/v1", "{ users { id } }")).includes('"data":{"users":[{'),
      (await post("/alpha", "{ organizations { id } }")).includes('"data":{"organizations":['),
      organizations.status === 200,
    ];
  };
  expect(await answers()).toEqual([true, true, true]);
  config.serviceAccounts.enabled = false;
  expect(await answers()).toEqual([false, false, false]);
  config.serviceAccounts.enabled = true;
  expect(await answers()).toEqual([true, true, true]);
});
