import { readFileSync } from "node:fs";
import { buildSchema, getNamedType, isLeafType, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import operations from "../contract/houston-operations.json" with { type: "json" };
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { documentOf, type Spelling, spellings, variableOf } from "./spellings.ts";

const { as, build, db } = await testHouston({
  publicSignups: true,
  emailConfirmation: false,
  deployments: { upsertDeploymentEnabled: true, manualReleaseNames: true },
});

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const roots = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: undefined };
const fieldOf = (kind: string, name: string) => roots[kind as keyof typeof roots]?.getFields()[name];

/** A platform on which every spelling can be run: the variables, by their name, that stand for its rows. */
async function scene() {
  const { workspace, viewer, outsider } = await build.workspace();
  const { deployment, viewer: deploymentViewer } = await build.deployment({ workspaceId: workspace.id });
  const account = (scope: { workspaceId?: string; deploymentId?: string }) =>
    build.serviceAccount({ role: scope.deploymentId ? "DEPLOYMENT_VIEWER" : "WORKSPACE_VIEWER", ...scope });
  const accounts = {
    workspace: await account({ workspaceId: workspace.id }),
    deployment: await account({ deploymentId: deployment.id }),
  };
  return { workspace, viewer, outsider, deployment, deploymentViewer, accounts };
}
type Scene = Awaited<ReturnType<typeof scene>>;

let names = 0;

/** What stands for an argument of that name anywhere. */
const common = ({ workspace, viewer, deployment, accounts }: Scene): Record<string, unknown> => ({
  workspaceUuid: workspace.id,
  deploymentUuid: deployment.id,
  deploymentId: deployment.id,
  where_id: deployment.id,
  releaseName: deployment.releaseName,
  serviceAccountUuid: accounts.workspace.id,
  userUuid: viewer.id,
  userId: viewer.id,
  user: { email: viewer.email },
  user_email: viewer.email,
  email: viewer.email,
  username: viewer.username,
  entityType: "WORKSPACE",
  entityUuid: workspace.id,
  label: `Spelled ${names++}`,
  description: "Spelled",
  category: "spelled",
  role: "WORKSPACE_EDITOR",
  take: 10,
  pageNumber: 0,
  name: "quiet",
  sync: true,
  bypassInvite: true,
  deploymentRoles: [{ deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" }],
  deploymentHardDelete: true,
  payload: { label: `Renamed ${names++}` },
  type: "airflow",
  executor: "CeleryExecutor",
  config: { executor: "CeleryExecutor" },
  properties: { extra_au: 1 },
  dagDeployment: {},
  triggerer: {},
  triggerer_replicas: 1,
  workers: { replicas: 2 },
  webserver: {},
  scheduler: { replicas: 1 },
  image: "registry.example.com/blue:1",
  dockerconfigjson: { auths: {} },
  mode: "helm",
  version: "1.2.3",
  airflowVersion: "2.9.3",
  runtimeVersion: "7.2.0",
  desiredRuntimeVersion: "7.2.0",
  environmentVariables: [{ key: "BLUE", value: "1", isSecret: false }],
  // Not given, in the words of clients.
  clusterId: "",
  cursor: "",
  namespace: "",
  cloudRole: "",
  redirect: "https://app.example.com",
});

/** Where a field needs something else than `common` says. */
const special: Record<string, (here: Scene) => Record<string, unknown> | Promise<Record<string, unknown>>> = {
  createDeployment: () => ({ releaseName: `spelled-name-${1000 + names++}` }),
  createDeploymentServiceAccount: () => ({ role: "DEPLOYMENT_EDITOR" }),
  deleteDeploymentServiceAccount: ({ accounts }) => ({ serviceAccountUuid: accounts.deployment.id }),
  deploymentAddUserRole: ({ outsider }) => ({ userId: "", email: outsider.email, role: "DEPLOYMENT_VIEWER" }),
  deploymentUpdateUserRole: ({ deploymentViewer: { id, email } }) => ({ userId: id, email, role: "DEPLOYMENT_EDITOR" }),
  deploymentRemoveUserRole: ({ deploymentViewer: { id, email } }) => ({ userId: id, email }),
  deploymentUsers: ({ deploymentViewer: { email } }) => ({ user: { email } }),
  workspaceAddUser: ({ outsider }) => ({ email: outsider.email, role: "WORKSPACE_VIEWER" }),
  createSystemRoleBinding: ({ outsider }) => ({ userId: outsider.id, role: "SYSTEM_VIEWER" }),
  createUser: () => ({ email: `spelled-${names++}@example.com`, username: `spelled-${names++}`, inviteToken: "" }),
  async createToken() {
    const identity = `spelled-${names++}@example.com`;
    await as(undefined).send(SIGN_UP, { email: identity });
    return { identity };
  },
  async deleteWorkspace({ workspace }) {
    await db.deployment.deleteMany({ where: { workspaceId: workspace.id } });
    return {};
  },
};
const SIGN_UP = `mutation ($email: String!) { createUser(email: $email, password: "long enough") { user { id } } }`;

/** Arguments that only together are a whole call: what a document needs beside what it must be given. */
const beside: Record<string, (spelling: Spelling) => { name: string; type: string }[]> = {
  createToken: () => [{ name: "identity", type: "String" }],
  workspaceAddUser: () => [{ name: "workspaceUuid", type: "Uuid" }],
  workspaceRemoveUser: ({ path }) => (path === "email" ? [] : [{ name: "userUuid", type: "Uuid" }]),
  createServiceAccount: () => [{ name: "entityUuid", type: "Uuid" }],
  serviceAccounts: () => [{ name: "entityUuid", type: "Uuid" }],
  createDeployment: () => [{ name: "type", type: "String" }],
  upsertDeployment: ({ path }) =>
    ["deploymentUuid", "releaseName"].includes(path)
      ? []
      : path === "workspaceUuid" || path === "namespace"
        ? [
            { name: "label", type: "String" },
            { name: "workspaceUuid", type: "Uuid" },
          ]
        : [{ name: "deploymentUuid", type: "Uuid" }],
};

const whole = (spelling: Spelling): Spelling => ({
  ...spelling,
  required: [
    ...spelling.required,
    ...(beside[spelling.field]?.(spelling) ?? []).filter(
      ({ name }) => !spelling.required.some((known) => known.name === name),
    ),
  ],
});

const known = spellings
  .filter(({ kind, field }) => fieldOf(kind, field))
  .map(whole)
  .map((spelling) => ({ ...spelling, title: `${spelling.field}, $${variableOf(spelling.path)}: ${spelling.type}` }));

/** Those that can be run with nothing else than a Workspace, a Deployment, people and service accounts. */
const first = new Set(
  `appConfig authConfig deployment deploymentServiceAccounts deploymentUsers deploymentVariables deployments
  paginatedDeployments serviceAccounts users workspace workspaceDeployments workspaceServiceAccounts workspaceUser
  workspaceUsers workspaces createDeployment createDeploymentServiceAccount createServiceAccount
  createSystemRoleBinding createToken createUser createWorkspace createWorkspaceServiceAccount deleteDeployment
  deleteDeploymentServiceAccount deleteServiceAccount deleteWorkspace deleteWorkspaceServiceAccount
  deploymentAddUserRole deploymentRemoveUserRole deploymentUpdateUserRole updateDeployment
  updateDeploymentVariables updateWorkspace upsertDeployment workspaceAddUser workspaceRemoveUser
  workspaceUpdateUserRole workspaceUpsertUserRole`.split(/\s+/),
);

describe("every spelling that clients use", () => {
  const systemAdmin = build.systemAdmin();

  it.each(operations.filter(({ kind, name }) => fieldOf(kind, name)))(
    "$name has every argument of the contract",
    ({ kind, name, args, variableTypes = {} }) => {
      const ours = new Map(fieldOf(kind, name)?.args.map((arg) => [arg.name, arg.type.toString()]));
      for (const { name: arg, type } of args) {
        const declared = Object.keys((variableTypes as Record<string, object>)[arg] ?? {});
        const open = declared.some((one) => !one.endsWith("!"));
        expect(open ? [type, type.replace(/!$/, "")] : [type]).toContain(ours.get(arg));
      }
    },
  );

  it.each(known)("$title is a valid document", (spelling) => {
    const field = fieldOf(spelling.kind, spelling.field);
    const leaf = field !== undefined && isLeafType(getNamedType(field.type));
    expect(validate(schema, parse(documentOf(spelling, leaf)))).toEqual([]);
  });

  it.each(known.filter(({ field }) => first.has(field)))("$title runs", async (spelling) => {
    const here = await scene();
    const values = { ...common(here), ...(await special[spelling.field]?.(here)), password: "long enough" };
    const field = fieldOf(spelling.kind, spelling.field);
    const leaf = field !== undefined && isLeafType(getNamedType(field.type));
    const answer = await as(await systemAdmin).send(documentOf(spelling, leaf), values);
    expect(answer.errors?.[0]?.message).toBeUndefined();
    expect(answer.data[spelling.field]).not.toBeNull();
  });
});

describe("a call that names nothing", () => {
  const W = "workspaceUuid: $w";
  it.each([
    ["createToken", `mutation { createToken(password: "long enough") { __typename } }`, "identity"],
    [
      "createToken, empty",
      `mutation { createToken(identity: "", password: "long enough") { __typename } }`,
      "identity",
    ],
    ["deleteInviteToken", `mutation ($w: Uuid) { deleteInviteToken(${W}) { id } }`, "inviteUuid"],
    ["removeUser", `mutation { removeUser { id } }`, "userUuid, id"],
    ["removeUser, empty", `mutation { removeUser(userUuid: "", id: "") { id } }`, "userUuid, id"],
    ["workspaceAddUser", `mutation { workspaceAddUser(email: "a@example.com") { id } }`, "workspaceUuid"],
    ["workspaceRemoveUser", `mutation ($w: Uuid!) { workspaceRemoveUser(${W}) { id } }`, "userUuid, email"],
    ["deployment", `{ deployment(where: {}) { id } }`, "where.id or where.releaseName"],
    ["email", `{ email(where: {}) { id } }`, "where"],
    ["workspaceUser", `query ($w: Uuid!) { workspaceUser(${W}, user: {}) { id } }`, "user"],
    [
      "upsertDeployment",
      `mutation { upsertDeployment(label: "x") { id } }`,
      "deploymentUuid or releaseName or workspaceUuid",
    ],
    ["serviceAccounts", `{ serviceAccounts(entityType: WORKSPACE) { id } }`, "entityUuid"],
    [
      "createServiceAccount",
      `mutation { createServiceAccount(label: "x", entityType: DEPLOYMENT) { id } }`,
      "entityUuid",
    ],
    ["workspaceDeployments", `{ workspaceDeployments { id } }`, "workspaceUuid"],
    ["deleteWorkspace", `mutation { deleteWorkspace { id } }`, "workspaceUuid"],
  ])("is refused by name: %s", async (_, document, argument) => {
    const { workspace } = await scene();
    const variables = document.includes("$w") ? { w: workspace.id } : {};
    const answer = await as(await build.systemAdmin()).send(document, variables);
    expect(outcomeOf(answer)).toBe(`BAD_USER_INPUT ${argument}`);
    expect(answer.errors?.[0]?.message).toContain(argument);
  });
});
