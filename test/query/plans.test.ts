import pg from "pg";
import { expect, it } from "vitest";
import { idOf, memberOf, people } from "../../bench/data.ts";
import { operations } from "../../bench/operations.ts";
import { seed } from "../../bench/seed.ts";
import { countStatements } from "../support/countStatements.ts";
import { allowNamespace, callerOf, documentedScene, filled, samples } from "../support/documented.ts";
import { testHouston } from "../support/houston.ts";

const { as, app, build, database } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "One-Time Filter"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
}

/**
 * Full reads of tables that grow, by row or along an index, unless only a condition on the caller alone enables them. A
 * read along an index is fine if a LIMIT ends it: it is a page in the order of the index.
 */
function scans(node: Node, limited = false): string[] {
  if (node["One-Time Filter"]) return [];
  const byIndex = node["Node Type"].startsWith("Index") || node["Node Type"] === "Bitmap Index Scan";
  const isFullRead = node["Node Type"] === "Seq Scan" || (byIndex && !node["Index Cond"] && !limited);
  const here = isFullRead ? [node["Relation Name"] ?? node["Index Name"] ?? "?"] : [];
  const below = node["Node Type"] === "Limit" || (limited && node["Node Type"] === "Nested Loop");
  return [...here, ...(node.Plans ?? []).flatMap((inner) => scans(inner, below))];
}

/** Rows that a statement read, including those it filtered out. */
function rowsRead(node: Node): number {
  const loops = node["Actual Loops"] ?? 0;
  const own = node["Relation Name"] ? ((node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0)) * loops : 0;
  return own + (node.Plans ?? []).reduce((sum, inner) => sum + rowsRead(inner), 0);
}

const workspaceUuid = idOf("workspace", 0);
const member = memberOf(0, 0);
const requests = [
  ...(["Q1", "Q2", "Q3", "Q4"] as const).map((name) => {
    const [call] = operations[name].calls("L");
    return { query: operations[name].target.query, person: call?.person ?? 0, variables: call?.variables ?? {} };
  }),
  { query: `{ workspaces { id label } }`, person: people.manyWorkspaces, variables: {} },
  { query: `{ deployments { id workspace { id } } }`, person: people.manyWorkspaces, variables: {} },
  { query: `{ self { user { emails { address } } } }`, person: member, variables: {} },
  {
    query: `query ($workspaceUuid: Uuid!) { workspace(workspaceUuid: $workspaceUuid) { label deploymentCount users { id roleBindings { role workspace { id } } } } }`,
    person: member,
    variables: { workspaceUuid },
  },
  {
    query: `query ($workspaceUuid: Uuid!, $cursor: Uuid) { paginatedWorkspaceUsers(workspaceUuid: $workspaceUuid, cursor: $cursor) { username } }`,
    person: member,
    variables: { workspaceUuid, cursor: idOf("user", 0) },
  },
  {
    query: `{ paginatedClusters(sortBy: "name") { clusters { id } } }`,
    person: member,
    variables: {},
  },
  {
    query: `query ($workspaceUuid: Uuid!) { workspaceUsers(workspaceUuid: $workspaceUuid) { username emails { address } } }`,
    person: member,
    variables: { workspaceUuid },
  },
  {
    query: `query ($workspaceUuid: Uuid!) { workspaceTeams(workspaceUuid: $workspaceUuid) { name users { username teams { id } } roleBindings { role workspace { id } } } }`,
    person: member,
    variables: { workspaceUuid },
  },
  {
    query: `query ($teamUuid: Uuid!) { teamUsers(teamUuid: $teamUuid) { username emails { address } } }`,
    person: 5,
    variables: { teamUuid: "team1" },
  },
  {
    query: `query ($workspaceUuid: Uuid!) { workspaceUsers(workspaceUuid: $workspaceUuid) { teams { name } emails { user { id } } } }`,
    person: member,
    variables: { workspaceUuid },
  },
];

/** The benchmark's data and what only this test needs, written by a client without a statement timeout. */
async function seedLarge(): Promise<void> {
  const client = new pg.Pool({ connectionString: database.url, max: 1 });
  await seed(client, "L");
  await client.query(
    `
    INSERT INTO "ServiceAccount" (id, label, "workspaceId", "createdBy", "keyHash", "keyStart", "updatedAt")
    SELECT 'sa' || n, 'account ' || n, $1, 'user:nobody', 'hash ' || n, 'hou_ab', now() FROM generate_series(1, 20000) n`,
    [workspaceUuid],
  );
  await client.query(
    `
    INSERT INTO "Invite" (id, email, "tokenHash", "workspaceId", role, "expiresAt", "updatedAt")
    SELECT 'in' || n, 'guest' || n || '@example.com', 'hash ' || n, $1, 'WORKSPACE_VIEWER', now() + interval '1 day', now()
    FROM generate_series(1, 20000) n`,
    [workspaceUuid],
  );
  await client.query(`
    INSERT INTO "Team" (id, name, "updatedAt") SELECT 'team' || n, 'Team ' || n, now() FROM generate_series(1, 5000) n`);
  await client.query(`
    INSERT INTO "TeamMember" ("teamId", "userId")
    SELECT 'team' || n, u.id FROM generate_series(1, 5000) n
      CROSS JOIN LATERAL (SELECT id FROM "User" ORDER BY id OFFSET n LIMIT 20) u`);
  await client.query(`
    INSERT INTO "RoleBinding" (id, role, "teamId", "workspaceId", "updatedAt")
    SELECT 'tb' || n || w.id, 'WORKSPACE_VIEWER', 'team' || n, w.id, now() FROM generate_series(1, 5000) n
      CROSS JOIN LATERAL (SELECT id FROM "Workspace" ORDER BY id OFFSET n % 100 LIMIT 2) w`);
  await client.query(`
    INSERT INTO "Organization" (id, name, "updatedAt") SELECT 'org' || n, 'Organization ' || n, now() FROM generate_series(1, 5000) n`);
  await client.query(`
    INSERT INTO "Cluster" (id, name, "updatedAt") SELECT 'cluster' || n, 'Cluster ' || n, now() FROM generate_series(1, 5000) n`);
  await client.query("ANALYZE");
  await client.end();
}

it("every row is found by index among 100,000 users and 600,000 role bindings", { timeout: 180_000 }, async () => {
  await seedLarge();
  const found: string[] = [];
  for (const { query, person, variables } of requests) {
    const someone = { token: await build.tokenOf(idOf("user", person)) };
    const texts = new Set<string>();
    // First on Apollo's path, then in one statement.
    for (let round = 0; round < 2; round++) {
      const { result, statements } = await countStatements(() => as(someone).send(query, variables));
      expect(result.errors).toBeUndefined();
      for (const statement of statements) texts.add(statement);
    }
    for (const text of texts) found.push(...(await scansOf(text)).map((table) => `${table} for ${query}`));
  }
  for (const sample of samples) {
    const here = await documentedScene(build, sample.name);
    await allowNamespace(app.services.db, sample, here);
    const { document, variables } = filled(sample, here);
    const { result, statements } = await countStatements(() =>
      as(callerOf(sample.caller, here)).send(document, variables),
    );
    expect(result.errors).toBeUndefined();
    for (const text of statements) found.push(...(await scansOf(text)).map((table) => `${table} for ${sample.name}`));
  }
  expect(found).toEqual([]);
  await readsItsOwnRowsOnly();
});

/** Tables that a statement would read in full; none for BEGIN and the like. */
async function scansOf(text: string): Promise<string[]> {
  if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text)) return [];
  const { rows } = await app.services.pool.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`);
  const [{ Plan }] = rows[0]["QUERY PLAN"] as [{ Plan: Node }];
  return scans(Plan).filter((table) => !small.has(table));
}

/** Tables that do not grow with the installation. */
const small = new Set(["Platform"]);

/** Lists of a user with 10 of 10,000 Workspaces, 100 Deployments and 310 role bindings in all. */
async function readsItsOwnRowsOnly() {
  const id = idOf("user", people.manyWorkspaces);
  // Teams give access to more Workspaces; this is about the user's own.
  await app.services.db.teamMember.deleteMany({ where: { userId: id } });
  const someone = { token: await build.tokenOf(id) };
  for (const query of [
    "{ workspaces { id label deploymentCount } }",
    "{ deployments { id label workspace { id label } } }",
    "{ workspaces { id roleBindings { role user { username } } } }",
  ]) {
    for (let round = 0; round < 2; round++) {
      const { result, statements, values } = await countStatements(() => as(someone).send(query));
      expect(Object.values(result.data)[0]).not.toHaveLength(0);
      for (const [n, text] of statements.entries()) {
        const { rows } = await app.services.pool.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values[n]);
        const [{ Plan }] = rows[0]["QUERY PLAN"] as [{ Plan: Node }];
        expect(rowsRead(Plan), query).toBeLessThan(2_000);
      }
    }
  }
}
