import {
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import { expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { nouns } from "../../src/services/nouns.ts";
import { allows, type Column } from "../access/oracle.ts";
import { columns, nameOf } from "../access/whoMayCall.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db, url } = await testHouston({
  limits: { tokens: 100_000, depth: 20, repetitions: 10_000, aliases: 1_000 },
});
const roots = createSchema(nouns).getQueryType()?.getFields() ?? {};

/** Levels of rows in a document, the root field's own included. */
const DEPTH = 4;

/** What nobody sees, whatever their role. */
const NOBODY: readonly string[] = [];

/** Types whose rows have an ID and can be reached by several ways. */
const entities = ["Workspace", "Deployment", "User", "Team", "ServiceAccount", "RoleBinding", "Email", "Invite"];

/** What a caller saw of rows, each with the least number of steps to it: "Workspace:<id>.label="Blue"". */
type Seen = Map<string, number>;

/** All fields of a type, and the rows next to it. No list may be selected within itself, nor more than 4 within each other. */
function selection(type: GraphQLObjectType, depth: number, lists: readonly string[]): string {
  const parts = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return [field.name];
    if (!isObjectType(inner)) return [];
    const name = `${type.name}.${field.name}`;
    const within = isListType(getNullableType(field.type)) ? [...lists, name] : lists;
    if (new Set(within).size < within.length || within.length > 4) return [];
    if (!entities.includes(inner.name)) return [`${field.name} ${selection(inner, depth, within)}`];
    return depth > 1 ? [`${field.name} ${selection(inner, depth - 1, within)}`] : [];
  });
  return `{ __typename ${parts.join(" ")} }`;
}

type Row = Record<string, unknown>;

const isEntity = (value: unknown): value is Row => entities.includes(String((value as Row | null)?.__typename));

const idOf = (row: Row) => row.id ?? row.uuid ?? row.address;

/** Notes what an answer says of rows, and which rows are next to which. */
function note(seen: Seen, value: unknown, level: number): void {
  if (Array.isArray(value)) for (const one of value) note(seen, one, level);
  else if (typeof value === "object" && value !== null) {
    const row = value as Row;
    const add = (text: string) => {
      const fact = `${row.__typename}:${idOf(row)}.${text}`;
      seen.set(fact, Math.min(level, seen.get(fact) ?? level));
    };
    for (const [name, given] of Object.entries(row)) {
      if (given === null) continue;
      const children = [given].flat().filter(isEntity);
      if (children.length > 0) for (const child of children) add(`${name} -> ${idOf(child)}`);
      else if (isEntity(row) && JSON.stringify(given) !== "[]") add(`${name} = ${JSON.stringify(given)}`);
      note(seen, given, isEntity(row) && children.length > 0 ? level + 1 : level);
    }
  }
}

let places = 0;

/** A Workspace with everything that can belong to one, and values that only some may see. */
async function place() {
  const n = ++places;
  const home = await build.workspace({ label: `Workspace of place ${n}` });
  const workspaceId = home.workspace.id;
  const { deployment, ...members } = await build.deployment({
    ...{ workspaceId, label: `Deployment of place ${n}` },
    dagDeployment: { type: "git_sync", repositoryUrl: "git@git.invalid:blue.git", sshKey: `canary-ssh-key-${n}` },
  });
  const deploymentId = deployment.id;
  const { team, member } = await build.team({
    roles: [
      { role: "WORKSPACE_EDITOR", workspaceId },
      { role: "DEPLOYMENT_EDITOR", deploymentId },
    ],
  });
  await db.cluster.create({
    data: { name: `cluster-${n}`, organizationId: DEFAULT_ORGANIZATION, platformApi: { workspaceIds: [workspaceId] } },
  });
  const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId });
  const deploymentAccount = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId });
  await db.workspace.update({ where: { id: workspaceId }, data: { stripeCustomerId: `canary-customer-${n}` } });
  await db.invite.create({
    data: {
      ...{ email: `canary-guest-${n}@example.com`, tokenHash: `canary-invite-${n}`, workspaceId },
      ...{ role: "WORKSPACE_VIEWER", expiresAt: new Date(Date.now() + 1e7) },
    },
  });
  const someone = home.viewer.id;
  await db.email.create({ data: { userId: someone, address: `canary-side-${n}@example.com`, verified: true } });
  await db.user.update({ where: { id: someone }, data: { profile: { phone: `canary-profile-${n}` } } });
  const hashes = { passwordHash: `canary-password-${n}`, resetTokenHash: `canary-reset-${n}` };
  await db.localCredential.create({ data: { userId: someone, ...hashes } });
  const { data, errors } = await as(members.admin).send(
    `mutation ($id: Uuid!, $release: String!, $list: [InputEnvironmentVariable]!) {
      createDeploymentServiceAccount(deploymentUuid: $id, label: "new", role: DEPLOYMENT_VIEWER) { apiKey }
      updateDeploymentVariables(deploymentUuid: $id, releaseName: $release, environmentVariables: $list) { key }
    }`,
    {
      ...{ id: deploymentId, release: deployment.releaseName },
      list: [
        { key: "SECRET", value: `canary-secret-${n}`, isSecret: true },
        { key: "PLAIN", value: `canary-plain-${n}`, isSecret: false },
      ],
    },
  );
  expect(errors).toBeUndefined();
  const canaries: Record<string, readonly string[]> = {
    [`canary-plain-${n}`]: ["deployment.variables.get", "system.deployment.variables.get"],
    [`canary-guest-${n}@example.com`]: ["workspace.invites.get", "system.invites.get"],
    [`canary-customer-${n}`]: ["system.workspace.update"],
    [`canary-side-${n}@example.com`]: ["system.users.get"],
    [`canary-profile-${n}`]: ["system.users.get"],
    [`canary-secret-${n}`]: NOBODY,
    [`canary-ssh-key-${n}`]: NOBODY,
    [`canary-invite-${n}`]: NOBODY,
    [`canary-password-${n}`]: NOBODY,
    [`canary-reset-${n}`]: NOBODY,
    [data.createDeploymentServiceAccount.apiKey as string]: NOBODY,
    // Whoever has no role at a place does not learn that it exists.
    [workspaceId]: ["workspace.config.get", "deployment.config.get", "system.workspace.get"],
    [home.workspace.label]: ["workspace.config.get", "deployment.config.get", "system.workspace.get"],
    [deploymentId]: ["workspace.deployments.get", "deployment.config.get", "system.deployments.get"],
    [deployment.label]: ["workspace.deployments.get", "deployment.config.get", "system.deployments.get"],
    [home.viewer.id]: ["workspace.users.get", "system.users.get"],
    [account.id]: ["workspace.serviceAccounts.get", "system.serviceAccounts.get"],
    [deploymentAccount.id]: ["deployment.serviceAccounts.get", "system.serviceAccounts.get"],
  };
  return { ...home, deployment, members, team, member, account, deploymentAccount, canaries };
}

/** The root fields that return such rows, in every way that leads to the rows of a place. */
const callsAt = (at: Awaited<ReturnType<typeof place>>): string[] => {
  const w = `workspaceUuid: "${at.workspace.id}"`;
  const d = `deploymentUuid: "${at.deployment.id}"`;
  return [
    "self",
    "workspaces",
    "sysWorkspaces",
    "paginatedWorkspaces",
    `workspace(${w})`,
    "users",
    `users(userUuid: "${at.viewer.id}")`,
    `email(where: { address: "${at.editor.email}" })`,
    "invites",
    `workspaceInvites(${w})`,
    `workspaceUsers(${w})`,
    `paginatedWorkspaceUsers(${w})`,
    `workspaceUser(${w}, user: { userId: "${at.admin.id}" })`,
    "deployments",
    "paginatedDeployments",
    "paginatedDeployRevisions",
    `workspaceDeployments(${w})`,
    `workspaceDeployment(${w}, releaseName: "${at.deployment.releaseName}")`,
    `deployment(where: { id: "${at.deployment.id}" })`,
    `deploymentUsers(deploymentId: "${at.deployment.id}")`,
    `workspaceServiceAccounts(${w})`,
    `workspaceServiceAccount(${w}, serviceAccountUuid: "${at.account.id}")`,
    `deploymentServiceAccounts(${d})`,
    `deploymentServiceAccount(${d}, serviceAccountUuid: "${at.deploymentAccount.id}")`,
    "serviceAccounts(entityType: SYSTEM)",
    `serviceAccounts(entityType: WORKSPACE, entityUuid: "${at.workspace.id}")`,
    `serviceAccounts(entityType: DEPLOYMENT, entityUuid: "${at.deployment.id}")`,
    `team(teamUuid: "${at.team.id}")`,
    `team(teamUuid: "${at.team.id}", ${w})`,
    `teamUsers(teamUuid: "${at.team.id}")`,
    "paginatedTeams",
    `paginatedTeams(${w})`,
    `workspaceTeams(${w})`,
    `deploymentTeams(${d})`,
    "groups",
  ];
};

const [here, there] = [await place(), await place()];

const calls = [...new Set([here, there].flatMap(callsAt))];
const documents = calls.map((call) => {
  const name = call.split("(")[0] ?? "";
  const { type } = roots[name] ?? expect.fail(`there is no field ${name}`);
  const lists = isListType(getNullableType(type)) ? [`Query.${name}`] : [];
  return `{ ${call} ${selection(getNamedType(type) as GraphQLObjectType, DEPTH, lists)} }`;
});

/** The Platform API returns the same rows. */
const home = `/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}`;
const paths = [
  ...["workspaces", "deployments", "clusters"].map((list) => `${home}/${list}`),
  ...[here, there].flatMap(({ workspace, deployment }) => [
    `${home}/workspaces/${workspace.id}`,
    `${home}/deployments/${deployment.id}`,
  ]),
];

async function credentialOf({ kind, role, own }: Column): Promise<string> {
  if (!role) return (await build.user()).token;
  const at = own ? here : there;
  const scope = role.startsWith("WORKSPACE")
    ? { workspaceId: at.workspace.id }
    : role.startsWith("DEPLOYMENT")
      ? { deploymentId: at.deployment.id }
      : {};
  const binding = { role, ...scope };
  if (kind === "service account") return (await build.serviceAccount(binding)).token;
  return (await build.user({ roles: [binding] })).token;
}

// How a role is held makes no difference to what it shows: M5 checks that on random platforms.
const callers = columns.filter(
  ({ kind, role }) => kind === "user" || (kind === "service account" && role?.endsWith("ADMIN")),
);

/** The number of steps to a row of the type from the nearest root field that lists them. */
const shortest = (fact: string) => (/^(Email|RoleBinding):/.test(fact) ? 2 : 1);

it.each(callers.map((column) => [nameOf(column), column] as const))(
  "M3, M4: no way through the graph shows a %s more of a row than the shortest, nor a value above their role",
  async (_, column) => {
    const token = await credentialOf(column);
    const seen: Seen = new Map();
    const texts: string[] = [];
    for (const document of documents) {
      const { data, errors = [] } = await as({ token }).send(document);
      for (const { extensions } of errors) expect(["FORBIDDEN", "NOT_FOUND"]).toContain(extensions.code);
      note(seen, Object.values(data ?? {}), 1);
      texts.push(JSON.stringify([data, errors]));
    }
    const wider = [...seen].filter(([fact, level]) => level > shortest(fact));
    expect(wider.map(([fact]) => fact)).toEqual([]);
    for (const path of paths) {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      texts.push(await response.text());
    }
    const all = texts.join("\n");
    for (const [at, isHere] of [
      [here, true],
      [there, false],
    ] as const) {
      for (const [canary, needs] of Object.entries(at.canaries)) {
        const expected = allows({ ...column, own: column.own === isHere }, needs);
        expect([canary, all.includes(canary)]).toEqual([canary, expected]);
      }
    }
  },
);

it("M3: every root field that returns such rows is asked", () => {
  const asked = new Set(calls.map((call) => call.split("(")[0]));
  const holders = [...entities, "Group", "PaginatedTeams", "DeployRevision", "AuthUser"];
  const missing = Object.values(roots).filter(
    ({ name, type }) => holders.includes(getNamedType(type).name) && !asked.has(name),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});
