import type { GraphQLEnumType } from "graphql";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { authorize } from "../../src/access/authorize.ts";
import { bindingsOf, heldSql } from "../../src/access/bindingsSql.ts";
import { callerStatement, loadCaller } from "../../src/access/loadCaller.ts";
import type { Permission } from "../../src/access/permissions.ts";
import { houstonReach, type Reach } from "../../src/access/reach.ts";
import { createRoles, type Role } from "../../src/access/roles.ts";
import { type ScopeKind, scopeKinds } from "../../src/access/scopeKinds.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { type CallerSql, callerBySession, knownCaller } from "../../src/query/callerSql.ts";
import { rightsSql } from "../../src/query/rights.ts";
import { nouns } from "../../src/services/nouns.ts";
import { testHouston } from "../support/houston.ts";

const { build, db, database } = await testHouston();
const pool = new pg.Pool({ connectionString: database.url });
afterAll(() => pool.end());

// Another product, described by the same data: Workspaces belong to regions, whose admins act as admins inside, and users can
// have deputies. Nothing but these descriptions says so; the database only has the columns.
const [platform, , ...inside] = houstonReach.levels;
const madeUp = {
  ...houstonReach,
  levels: [
    platform,
    {
      name: "REGION",
      admin: "REGION_ADMIN",
      stored: { table: "Region", column: "regionId", key: "region" },
    },
    ...inside,
  ],
  actsAs: { ...houstonReach.actsAs, REGION_ADMIN: ["WORKSPACE_ADMIN", "DEPLOYMENT_ADMIN"] },
  sources: [
    ...houstonReach.sources,
    { holder: "user", column: "userId", through: { table: "Deputy", member: "deputyId" } },
  ],
} as unknown as Reach;
const kinds: Record<string, ScopeKind> = {
  WORKSPACE: scopeKinds.WORKSPACE,
  DEPLOYMENT: scopeKinds.DEPLOYMENT,
  VARIABLE: {
    noun: "Variable",
    table: "EnvironmentVariable",
    scope: { deployment: "deploymentId" },
    level: "DEPLOYMENT",
  },
};

for (const sql of [
  `ALTER TYPE "Role" ADD VALUE 'REGION_ADMIN'`,
  `ALTER TABLE "RoleBinding" ADD "regionId" text, DROP CONSTRAINT "RoleBinding_role_of_scope"`,
  `ALTER TABLE "Workspace" ADD "regionId" text`,
  `CREATE TABLE "Deputy" ("userId" text, "deputyId" text)`,
]) {
  await pool.query(sql);
}

/** A Workspace with a Deployment that has a variable. */
async function tree(regionId: string) {
  const { deployment, home } = await build.deployment();
  const { id } = await db.environmentVariable.create({ data: { deploymentId: deployment.id, key: "A", value: "" } });
  const workspace = home?.workspace.id;
  await pool.query(`UPDATE "Workspace" SET "regionId" = $2 WHERE id = $1`, [workspace, regionId]);
  return { ids: [workspace, deployment.id, id], workspaceAdmin: home?.admin };
}

const own = await tree("own");
await tree("other");

/** Makes a user or team admin of the region "own". */
const makeHead = (column: "userId" | "teamId", id: string) =>
  pool.query(
    `INSERT INTO "RoleBinding" (id, role, "${column}", "regionId", "updatedAt")
     VALUES ($1 || '-head', 'REGION_ADMIN', $1, 'own', now())`,
    [id],
  );

const [head, deputy, member, stranger] = [
  await build.user(),
  await build.user(),
  await build.user(),
  await build.user(),
];
await makeHead("userId", head.id);
await pool.query(`INSERT INTO "Deputy" VALUES ($1, $2)`, [head.id, deputy.id]);
await makeHead("teamId", (await build.team({ members: [member] })).team.id);

const roles = createRoles({}, madeUp);

/** The IDs of the rows of every kind on which SQL allows the user the permission that `permissionOn` gives, by each form. */
async function bySql(userId: string, permissionOn: (kind: string) => Permission) {
  const loaded: CallerSql = { ...knownCaller, ctes: heldSql({ user: "$1::text", serviceAccount: "$2::text" }, madeUp) };
  const session: CallerSql = { ...callerBySession, bindings: bindingsOf({ user: "caller.id" }, madeUp) };
  const ids = async (sql: string, values: unknown[]) =>
    (await pool.query<{ id: string }>(sql, values)).rows.map((r) => r.id);
  const found: Record<"allowed" | "idsAllowed" | "allowedOnce", string[]> = {
    allowed: [],
    idsAllowed: [],
    allowedOnce: [],
  };
  for (const [kind, { table, scope }] of Object.entries(kinds)) {
    const permission = permissionOn(kind);
    const known = rightsSql(roles, loaded);
    const caller = `WITH ${loaded.ctes}`;
    const rights = [{ permission, ...scope }];
    const allowed = `${caller} SELECT t.id FROM "${table}" t WHERE ${known.allowed(rights, "t")}`;
    found.allowed.push(...(await ids(allowed, [userId, null])));
    found.idsAllowed.push(...(await ids(`${caller} ${known.idsAllowed(rights, table)}`, [userId, null])));
    const once = rightsSql(roles, session).allowedOnce([permission], scope, "t");
    const one = `WITH caller AS (SELECT $1::text AS id) SELECT t.id FROM caller, "${table}" t WHERE ${once}`;
    found.allowedOnce.push(...(await ids(one, [userId])));
  }
  return found;
}

/** The same by `authorize`, for a caller and scopes that `loadCaller` loads. */
async function byAuthorize(userId: string, permissionOn: (kind: string) => Permission) {
  const session = await db.session.create({ data: { userId, expiresAt: new Date(Date.now() + 60_000) } });
  const found: string[] = [];
  for (const [kind, { table }] of Object.entries(kinds)) {
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM "${table}"`);
    const requests = rows.map(({ id }) => ({ kind: kind as never, key: id, column: "id" }));
    const credential = { kind: "session" as const, userId, sessionId: session.id };
    const { caller, scopes } = await loadCaller(pool, credential, requests, callerStatement(madeUp, kinds));
    for (const scope of scopes.values()) {
      if (caller && authorize(roles, caller, [permissionOn(kind)], scope)) found.push(scope.id);
    }
  }
  return found;
}

const get = (kind: string): Permission => (kind === "WORKSPACE" ? "workspace.config.get" : "deployment.config.get");

describe("a made-up description with a further level, source of role bindings and kind of row", () => {
  it.each([
    ["an admin of the region", head, own.ids],
    ["a deputy of that admin", deputy, own.ids],
    ["a member of a team that is its admin", member, own.ids],
    ["an admin of a Workspace in it", own.workspaceAdmin, own.ids],
    ["a stranger", stranger, []],
  ])("allows %s the same in JavaScript and in every form of SQL", async (_, user, ids) => {
    const expected = ids.toSorted();
    expect((await byAuthorize(user?.id ?? "", get)).toSorted()).toEqual(expected);
    const sql = await bySql(user?.id ?? "", get);
    expect(sql.allowed.toSorted()).toEqual(expected);
    expect(sql.idsAllowed.toSorted()).toEqual(expected);
    expect(sql.allowedOnce.toSorted()).toEqual(expected);
  });

  it("shows the rows of a Workspace for a permission of it, and none inside its Deployments", async () => {
    const found = await bySql(own.workspaceAdmin?.id ?? "", () => "workspace.config.get");
    const [workspaceId, deploymentId] = own.ids;
    for (const ids of Object.values(found)) expect(ids.toSorted()).toEqual([workspaceId, deploymentId].toSorted());
  });

  it("needs a system role for permissions of the platform, whatever a role acts as", async () => {
    const wide = createRoles({ WORKSPACE_ADMIN: { permissions: { "system.iam.update": true } } }, madeUp);
    expect(wide.holding("system.iam.update")).toEqual(new Set<Role>(["SYSTEM_ADMIN"]));
  });

  it("is not Houston's rule", () => {
    expect(roles.holding("deployment.config.get")).toContain("REGION_ADMIN");
    expect(createRoles().holding("deployment.config.get")).not.toContain("REGION_ADMIN");
  });
});

describe("the kinds of rows that rules name", () => {
  it("are those of the schema", () => {
    const type = createSchema(nouns).getType("AuthScope") as GraphQLEnumType;
    const names = type.getValues().map(({ name }) => name);
    // Only the Platform API has Organizations.
    expect(["ORGANIZATION", ...names].toSorted()).toEqual(["SYSTEM", "ENTITY", ...Object.keys(scopeKinds)].toSorted());
  });
});
