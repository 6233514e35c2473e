import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  graphql,
  isLeafType,
  isNonNullType,
  parse,
  subscribe,
} from "graphql";
import { expect, it } from "vitest";
import { type Context, createContext } from "../../src/access/context.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import type { Role } from "../../src/generated/prisma/enums.ts";
import { nouns } from "../../src/services/nouns.ts";
import { testHouston } from "../support/houston.ts";
import { callsOf, type Subject } from "./calls.ts";
import { allows, type Column, decided, needs, stated } from "./oracle.ts";

const { build, db, app } = await testHouston();

const DENIED = "You do not have the appropriate permissions for that";

/** The real schema and its guards around resolvers that do nothing: what is left is who may call. */
function guardedSchema(): GraphQLSchema {
  const real = createSchema(nouns);
  const idle = (root: GraphQLObjectType | null | undefined) =>
    Object.fromEntries(
      Object.values(root?.getFields() ?? {}).map(({ name, type }) => [name, () => (isNonNullType(type) ? [] : null)]),
    );
  const followed = Object.keys(real.getSubscriptionType()?.getFields() ?? {}).map((name) => {
    const subscribe = async function* nothing() {};
    return [name, { subscribe }];
  });
  const resolvers = {
    Query: idle(real.getQueryType()),
    Mutation: idle(real.getMutationType()),
    Subscription: Object.fromEntries(followed),
  };
  return createSchema({ ...nouns, resolvers });
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

/** The errors that a call ends with. A subscription that may begin ends at once. */
async function errorsOf(source: string, contextValue: Context, variableValues: Record<string, unknown>) {
  if (!source.startsWith("subscription"))
    return (await graphql({ schema, source, contextValue, variableValues })).errors;
  const begun = await subscribe({ schema, document: parse(source), contextValue, variableValues });
  if (!(Symbol.asyncIterator in begun)) return begun.errors;
  await begun.return(undefined);
  return undefined;
}

const roles = ["ADMIN", "EDITOR", "VIEWER"] as const;
const columns: Column[] = [
  { kind: "nobody", own: false },
  { kind: "bad token", own: false },
  { kind: "user", own: false },
  ...(["user", "service account", "team member"] as const).flatMap((kind) => [
    ...roles.map((role) => ({ kind, role: `SYSTEM_${role}` as const, own: false })),
    ...[true, false].flatMap((own) => [
      ...roles.map((role) => ({ kind, role: `WORKSPACE_${role}` as const, own })),
      ...roles.map((role) => ({ kind, role: `DEPLOYMENT_${role}` as const, own })),
    ]),
  ]),
];

const nameOf = ({ kind, role, own }: Column) =>
  [kind === "user" && role ? "" : kind, role, role && !role.startsWith("SYSTEM") ? (own ? "own" : "other") : ""]
    .filter(Boolean)
    .join(" ");

async function subjects() {
  const [mine, other] = [await build.workspace(), await build.workspace()];
  const home = await build.deployment({ workspaceId: mine.workspace.id });
  const away = await build.deployment({ workspaceId: other.workspace.id });
  const invite = await db.invite.create({
    data: {
      email: "guest@example.com",
      tokenHash: "x",
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

it("lets every role do what the public role file says, and nothing more, field by field", async () => {
  const { subject, elsewhere } = await subjects();
  const tokens = await Promise.all(columns.map((column) => credentialOf(column, subject, elsewhere)));
  const differences: string[] = [];
  const rows: string[] = [];
  for (const { field, kind } of fields) {
    for (const call of callsOf(field, subject)) {
      const keys = needs(field.name, call.level);
      const source = documentOf(kind, field, Object.keys(call.args));
      const cells = await Promise.all(
        columns.map(async (column, index) => {
          const contextValue = createContext(app.services, {
            authorization: tokens[index],
            requestId: "table",
            log: app.services.log,
          });
          const errors = await errorsOf(source, contextValue, call.args);
          const other = errors?.find(({ message }) => message !== DENIED);
          if (other) throw new Error(`${field.name}: the call itself is wrong: ${other.message}`);
          const allowed = !errors;
          if (allowed !== allows(column, keys)) {
            differences.push(`${field.name} (${call.level}) for ${nameOf(column)}: ${allowed ? "allowed" : "denied"}`);
          }
          return allowed ? "✓" : "·";
        }),
      );
      rows.push(`| ${field.name} | ${call.level} | ${cells.join(" | ")} |`);
    }
  }
  expect(differences).toEqual([]);
  const table = [
    "# Who may call what",
    "",
    "Printed by `table.test.ts`. ✓ may call the field on a row of that level, · is denied; own and other tell on which",
    "Workspace or Deployment the role is held. Review a change here like code.",
    "",
    `| field | level | ${columns.map(nameOf).join(" | ")} |`,
    `|---|---|${columns.map(() => "---|").join("")}`,
    ...rows,
    "",
  ].join("\n");
  await expect(table).toMatchFileSnapshot("table.md");
});

it("was decided by us only where the public facts leave something open", () => {
  const names = new Set(fields.map(({ field }) => field.name));
  expect(Object.keys(decided).filter((name) => !names.has(name))).toEqual([]);
  expect(Object.keys(decided).filter((name) => decided[name] === stated(name))).toEqual([]);
  expect([...names].filter((name) => !decided[name] && !stated(name))).toEqual([]);
});
