import { readFileSync } from "node:fs";
import { type GraphQLField, type GraphQLObjectType, getNamedType, graphql, isLeafType } from "graphql";
import { expect, it } from "vitest";
import { createContext } from "../../src/access/context.ts";
import type { Role } from "../../src/access/roles.ts";
import { alphaNouns, createAlphaSchema } from "../../src/api/alpha/createAlphaSchema.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { anyOutput } from "../support/anyValue.ts";
import { testHouston } from "../support/houston.ts";
import { type AlphaKey, alphaCalls } from "./alphaCalls.ts";

const { app, build, db } = await testHouston();

/** What the roles are for: an Owner controls everything, a User the pipelines without the contents of Connections. */
const held: Partial<Record<Role, readonly AlphaKey[]>> = {
  ORGANIZATION_USER: ["pipelines.get", "pipelines.update", "users.get"],
  ORGANIZATION_ROUTER: ["applications.config"],
  SYSTEM_VIEWER: ["pipelines.get", "users.get"],
  SYSTEM_EDITOR: ["pipelines.get", "users.get"],
};
const mayDoAll: readonly Role[] = ["ORGANIZATION_OWNER", "SYSTEM_ADMIN"];

/** A caller: what they hold, and whether in the Organization that the call is about. */
interface Caller {
  kind: "nobody" | "bad token" | "user" | "key" | "team member";
  role?: Role;
  own: boolean;
}

const organizationRoles = ["ORGANIZATION_OWNER", "ORGANIZATION_USER", "ORGANIZATION_ROUTER"] as const;
const systemRoles = ["SYSTEM_ADMIN", "SYSTEM_EDITOR", "SYSTEM_VIEWER"] as const;
const callers: readonly Caller[] = [
  { kind: "nobody", own: false },
  { kind: "bad token", own: false },
  { kind: "user", own: false },
  ...(["user", "key"] as const).flatMap((kind) => [
    ...[true, false].flatMap((own) =>
      organizationRoles
        .filter((role) => kind === "key" || role !== "ORGANIZATION_ROUTER")
        .map((role) => ({ kind, role, own })),
    ),
    ...systemRoles.map((role) => ({ kind, role, own: false })),
    { kind, role: "WORKSPACE_ADMIN" as const, own: true },
    { kind, role: "WORKSPACE_ADMIN" as const, own: false },
  ]),
  ...systemRoles.map((role) => ({ kind: "team member" as const, role, own: false })),
];

const nameOf = ({ kind, role, own }: Caller) => {
  if (!role) return kind === "user" ? "user without a role" : kind;
  return `${kind} ${role}${role.startsWith("SYSTEM") ? "" : own ? " own" : " other"}`;
};

/** Whether the caller should be allowed. */
function allows({ kind, role, own }: Caller, needs: "public" | "signedIn" | AlphaKey): boolean {
  if (needs === "public") return true;
  if (kind === "nobody" || kind === "bad token") return false;
  if (needs === "signedIn") return true;
  if (!role || (!own && !role.startsWith("SYSTEM"))) return false;
  return mayDoAll.includes(role) || (held[role] ?? []).includes(needs);
}

const [here, elsewhere] = [await build.organization(), await build.organization()];
const workspaceIn = async (organizationId: string) => {
  const { workspace } = await build.workspace();
  await db.workspace.update({ where: { id: workspace.id }, data: { organizationId } });
  return workspace.id;
};
const workspaces = {
  own: await workspaceIn(here.organization.id),
  other: await workspaceIn(elsewhere.organization.id),
};

async function credentialOf({ kind, role, own }: Caller): Promise<string | undefined> {
  if (kind === "nobody") return undefined;
  if (kind === "bad token") return "not.a.token";
  if (!role) return (await build.user()).token;
  const scope = role.startsWith("ORGANIZATION")
    ? { organizationId: (own ? here : elsewhere).organization.id }
    : role.startsWith("WORKSPACE")
      ? { workspaceId: own ? workspaces.own : workspaces.other }
      : {};
  const binding = { role, ...scope };
  if (kind === "key") return (await build.serviceAccount(binding)).token;
  if (kind === "team member") return (await build.team({ roles: [binding] })).member.token;
  return (await build.user({ roles: [binding] })).token;
}

/** The real schema and its guards around resolvers that do nothing. */
function guardedSchema() {
  const real = createAlphaSchema();
  const idle = (root: GraphQLObjectType | null | undefined) =>
    Object.fromEntries(
      Object.values(root?.getFields() ?? {}).map(({ name, type }) => [name, () => anyOutput(real, type)]),
    );
  const resolvers = { Query: idle(real.getQueryType()), Mutation: idle(real.getMutationType()) };
  const sdl = readFileSync(new URL("../../alpha.graphql", import.meta.url), "utf8");
  return createSchema({ ...alphaNouns, resolvers: [resolvers] }, sdl);
}

const schema = guardedSchema();
const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() };
const fields = Object.entries(roots).flatMap(([kind, root]) =>
  Object.values(root?.getFields() ?? {}).map((field) => ({ kind, field })),
);

function documentOf(kind: string, field: GraphQLField<unknown, unknown>, given: readonly string[]): string {
  const args = field.args.filter(({ name }) => given.includes(name));
  const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const passed = args.map(({ name }) => `${name}: $${name}`).join(", ");
  const selection = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  return `${kind}${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selection} }`;
}

it("M1: lets every caller of the alpha API do what their role is for, and nothing more, field by field", {
  timeout: 120_000,
}, async () => {
  const tokens = await Promise.all(callers.map(credentialOf));
  const differences: string[] = [];
  const rows: string[] = [];
  for (const { kind, field } of fields) {
    const calls =
      alphaCalls[field.name] ?? expect.fail(`No rule for ${field.name}: add it to test/access/alphaCalls.ts`);
    for (const { args, needs } of calls) {
      const source = documentOf(kind, field, Object.keys(args));
      const allowed: string[] = [];
      for (const [n, caller] of callers.entries()) {
        const contextValue = {
          ...createContext(app.services, {
            authorization: tokens[n],
            requestId: "table",
            origin: { via: "alpha", address: null },
            log: app.services.log,
          }),
          organization: here.organization.id,
        };
        const { errors } = await graphql({ schema, source, contextValue, variableValues: args });
        const code = errors?.[0]?.extensions.code;
        if (code !== undefined && code !== "FORBIDDEN" && code !== "UNAUTHENTICATED") {
          throw new Error(`test/access/alphaCalls.ts calls ${field.name} the wrong way: ${errors?.[0]?.message}`);
        }
        if (!errors) allowed.push(nameOf(caller));
        if (!errors !== allows(caller, needs))
          differences.push(`${field.name} for ${nameOf(caller)}: ${errors ? "denied" : "allowed"}`);
      }
      const given = Object.keys(args).filter((name) => !calls.every((call) => name in call.args));
      rows.push(`| ${kind} | ${[field.name, ...given].join(" ")} | ${summary(allowed)} |`);
    }
  }
  expect(differences).toEqual([]);
  await expect([...head, ...rows, ""].join("\n")).toMatchFileSnapshot("alphaTable.md");
});

/** The callers who may call, shortened where all of them may. */
function summary(allowed: readonly string[]): string {
  if (allowed.length === callers.length) return "anyone";
  const signedIn = callers.filter(({ kind }) => kind !== "nobody" && kind !== "bad token");
  if (allowed.length === signedIn.length) return "anyone signed in";
  return allowed.join(", ");
}

const head = [
  "# Who may call what in the alpha API",
  "",
  `Printed by \`alphaTable.test.ts\`, which calls every root field as each of ${callers.length} callers, with the header of one Organization.`,
  "Review a change here like code. `own`: the role is held on that Organization, or on a Workspace in it; `other`: on or in",
  "another one. Callers who are not named are denied.",
  "",
  "| kind | field | who may call |",
  "|---|---|---|",
];

it("was decided for the fields that exist", () => {
  const names = new Set(fields.map(({ field }) => field.name));
  expect(Object.keys(alphaCalls).filter((name) => !names.has(name))).toEqual([]);
});
