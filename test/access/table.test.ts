import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  graphql,
  isLeafType,
  parse,
  subscribe,
} from "graphql";
import { expect, it } from "vitest";
import { type Context, createContext } from "../../src/access/context.ts";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { routes } from "../../src/api/rest/routes.ts";
import type { Role } from "../../src/generated/prisma/enums.ts";
import { nouns } from "../../src/services/nouns.ts";
import { examples } from "../rest/examples.ts";
import { anyOutput } from "../support/anyValue.ts";
import { testHouston } from "../support/houston.ts";
import { callsOf, type Subject } from "./calls.ts";
import { decisions, routeDecisions } from "./decisions.ts";
import { allows, type Column, decided, needs, stated } from "./oracle.ts";
import { callRoutes, guardedRoutes } from "./routeCalls.ts";
import { columns, nameOf, whoMayCall } from "./whoMayCall.ts";

const { build, db, app } = await testHouston();

const DENIED = "You do not have the appropriate permissions for that";

/** The real schema and its guards around resolvers that do nothing, so that only the access rules take effect. */
function guardedSchema(): GraphQLSchema {
  const real = createSchema(nouns);
  const idle = (root: GraphQLObjectType | null | undefined) =>
    Object.fromEntries(
      Object.values(root?.getFields() ?? {}).map(({ name, type }) => [name, () => anyOutput(real, type)]),
    );
  const subscriptions = Object.keys(real.getSubscriptionType()?.getFields() ?? {}).map((name) => {
    const subscribe = async function* nothing() {};
    return [name, { subscribe }];
  });
  const resolvers = {
    Query: idle(real.getQueryType()),
    Mutation: idle(real.getMutationType()),
    Subscription: Object.fromEntries(subscriptions),
  };
  return createSchema({ ...nouns, resolvers: [resolvers] });
}

/** A document that calls one field with the named arguments. */
function documentOf(kind: string, field: GraphQLField<unknown, unknown>, given: readonly string[]): string {
  const args = field.args.filter(({ name }) => given.includes(name));
  const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const passed = args.map(({ name }) => `${name}: $${name}`).join(", ");
  const selection = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  return `${kind}${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selection} }`;
}

const schema = guardedSchema();
const roots = {
  query: schema.getQueryType(),
  mutation: schema.getMutationType(),
  subscription: schema.getSubscriptionType(),
};
const fields = Object.entries(roots).flatMap(([kind, type]) =>
  Object.values(type?.getFields() ?? {}).map((field) => ({ field, kind })),
);

/** The errors of a call. A subscription that is allowed is ended immediately. */
async function errorsOf(source: string, contextValue: Context, variableValues: Record<string, unknown>) {
  if (!source.startsWith("subscription"))
    return (await graphql({ schema, source, contextValue, variableValues })).errors;
  const result = await subscribe({ schema, document: parse(source), contextValue, variableValues });
  if (!(Symbol.asyncIterator in result)) return result.errors;
  await result.return(undefined);
  return undefined;
}

/** The rows of the calls, in an Organization, and a Workspace and a Deployment elsewhere. */
async function subjects(organizationId = DEFAULT_ORGANIZATION) {
  const [mine, other] = [await build.workspace(), await build.workspace()];
  await db.workspace.update({ where: { id: mine.workspace.id }, data: { organizationId } });
  const home = await build.deployment({ workspaceId: mine.workspace.id });
  const away = await build.deployment({ workspaceId: other.workspace.id });
  const invite = await db.invite.create({
    data: {
      email: "guest@example.com",
      tokenHash: mine.workspace.id,
      workspaceId: mine.workspace.id,
      expiresAt: new Date(Date.now() + 1e6),
    },
  });
  const account = async (role: Role, scope: { workspaceId?: string; deploymentId?: string }) =>
    (await build.serviceAccount({ role, ...scope })).id;
  const subject: Subject = {
    workspaceId: mine.workspace.id,
    deploymentId: home.deployment.id,
    releaseName: home.deployment.releaseName,
    inviteId: invite.id,
    accounts: {
      system: await account("SYSTEM_VIEWER", {}),
      workspace: await account("WORKSPACE_VIEWER", { workspaceId: mine.workspace.id }),
      deployment: await account("DEPLOYMENT_VIEWER", { deploymentId: home.deployment.id }),
    },
  };
  return { subject, elsewhere: { workspaceId: other.workspace.id, deploymentId: away.deployment.id } };
}

const tokensOf = ({ subject, elsewhere }: Awaited<ReturnType<typeof subjects>>) =>
  Promise.all(columns.map((column) => credentialOf(column, subject, elsewhere)));

async function credentialOf(column: Column, own: Subject, elsewhere: { workspaceId: string; deploymentId: string }) {
  if (column.kind === "nobody") return undefined;
  if (column.kind === "bad token") return "not.a.token";
  if (!column.role) return (await build.user()).token;
  const at = column.own ? own : elsewhere;
  const scope = column.role.startsWith("WORKSPACE")
    ? { workspaceId: at.workspaceId }
    : column.role.startsWith("DEPLOYMENT")
      ? { deploymentId: at.deploymentId }
      : {};
  const binding = { role: column.role, ...scope };
  if (column.kind === "team member") return (await build.team({ roles: [binding] })).member.token;
  return column.kind === "user"
    ? (await build.user({ roles: [binding] })).token
    : (await build.serviceAccount(binding)).token;
}

it("M1: lets every role do what the facts and decisions say, and nothing more, field by field", {
  timeout: 180_000,
}, async () => {
  const here = await subjects();
  const { subject } = here;
  const tokens = await tokensOf(here);
  const differences: string[] = [];
  const rows: string[] = [];
  for (const { field, kind } of fields) {
    for (const call of callsOf(field, subject)) {
      const keys = needs(field.name, call.level);
      const source = documentOf(kind, field, Object.keys(call.args));
      const allowed = new Set<Column>();
      await Promise.all(
        columns.map(async (column, index) => {
          const contextValue = createContext(app.services, {
            authorization: tokens[index],
            requestId: "table",
            origin: { via: "graphql", address: null },
            log: app.services.log,
          });
          const errors = await errorsOf(source, contextValue, call.args);
          const other = errors?.find(({ message }) => message !== DENIED);
          if (other) throw new Error(`test/access/calls.ts calls ${field.name} the wrong way: ${other.message}`);
          if (!errors) allowed.add(column);
          if (allowed.has(column) !== allows(column, keys)) {
            differences.push(`${field.name} (${call.level}) for ${nameOf(column)}: ${errors ? "denied" : "allowed"}`);
          }
        }),
      );
      rows.push(`| ${kind} | ${field.name} | ${call.level} | ${whoMayCall(allowed)} |`);
    }
  }
  expect(differences).toEqual([]);
  tables.push(...head, ...rows);
});

it("M1: lets every role call what the decisions say over REST, and nothing more, route by route", {
  timeout: 180_000,
}, async () => {
  const server = await guardedRoutes(app);
  const scene = await examples(build, db);
  const callIn = async (organizationId: string) => {
    const here = await subjects(organizationId);
    const cluster = await db.cluster.create({ data: { name: `Cluster of ${organizationId}`, organizationId } });
    const subject = { organizationId, clusterId: cluster.id, ...here.subject };
    return callRoutes({ server, subject, tokens: await tokensOf(here), exampleOf: scene.of });
  };
  const { rows, differences } = await callIn(DEFAULT_ORGANIZATION);
  expect(differences).toEqual([]);
  const another = await db.organization.create({ data: { name: "Another" } });
  expect((await callIn(another.id)).differences).toEqual([]);
  await server.close();
  tables.push(...restHead, ...rows, "");
  await expect(tables.join("\n")).toMatchFileSnapshot("table.md");
});

const tables: string[] = [];

const head = [
  "# Who may call what",
  "",
  "Printed by `table.test.ts`, which calls every root field as each of 48 callers. Review a change here like code.",
  "",
  "- level: the scope of the row that the call is about; `system` if it is about none.",
  "- A, E, V: Admin, Editor, Viewer. `system A E`: the System Admin and the System Editor may call the field.",
  "- `Workspace`, `Deployment`: the role is held on the row's own Workspace or Deployment; `other …`: on another one.",
  "- The line applies to users, service accounts and team members (users who hold the role through a team only), unless it tells",
  "  them apart. Callers who are not named are denied.",
  "",
  "| kind | field | level | who may call |",
  "|---|---|---|---|",
];

const restHead = [
  "",
  "## Platform API",
  "",
  "The same callers call every route about rows in the default Organization, to which all of them belong.",
  "",
  "- denied: who gets 403, because they see the row or there is none. For everyone else who is signed in, a row that they",
  "  cannot see does not exist: 404. Without a valid credential: 401.",
  "- In another Organization, those without a role in it or on the system get 403 for every path.",
  "",
  "| kind | route | level | who may call | denied |",
  "|---|---|---|---|---|",
];

it("was decided for the routes that exist", () => {
  const names = new Set(routes.map(({ operationId }) => operationId));
  expect(Object.keys(routeDecisions).filter((name) => !names.has(name))).toEqual([]);
});

it("was decided by us only where the public facts leave something open", () => {
  const names = new Set(fields.map(({ field }) => field.name));
  const all = Object.keys(decisions);
  expect(all.filter((name) => !names.has(name))).toEqual([]);
  expect(all.filter((name) => JSON.stringify(decided(name)) === JSON.stringify(stated(name)))).toEqual([]);
});
