import { expect, it } from "vitest";
import { idOf, memberOf, people } from "../../bench/data.ts";
import { operations } from "../../bench/operations.ts";
import { seed } from "../../bench/seed.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, app, build } = await testHouston();

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  "One-Time Filter"?: string;
  Plans?: Node[];
}

/** Whole scans of tables that grow, but for those that only a condition on the caller alone opens. */
function scans(node: Node): string[] {
  if (node["One-Time Filter"]) return [];
  const here = node["Node Type"] === "Seq Scan" && node["Relation Name"] ? [node["Relation Name"]] : [];
  return [...here, ...(node.Plans ?? []).flatMap(scans)];
}

const workspaceUuid = idOf("workspace", 0);
const member = memberOf(0, 0);
const asked = [
  ...(["Q1", "Q2", "Q3", "Q4"] as const).map((name) => {
    const [call] = operations[name].calls("L");
    return { query: operations[name].document.query, person: call?.person ?? 0, variables: call?.variables ?? {} };
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
    query: `{ paginatedClusters(sortBy: "name") { count clusters { id } } }`,
    person: member,
    variables: {},
  },
  {
    query: `query ($workspaceUuid: Uuid!) { workspaceUsers(workspaceUuid: $workspaceUuid) { username emails { address } } }`,
    person: member,
    variables: { workspaceUuid },
  },
];

it("finds every row by index among 100,000 users and 600,000 role bindings", { timeout: 180_000 }, async () => {
  await app.services.pool.query("SET statement_timeout = 0");
  await seed(app.services.pool, "L");
  // The benchmark has no use for these.
  await app.services.pool.query(
    `
    INSERT INTO "ServiceAccount" (id, label, "workspaceId", "createdBy", "keyHash", "keyStart", "updatedAt")
    SELECT 'sa' || n, 'account ' || n, $1, 'user:nobody', 'hash ' || n, 'hou_ab', now() FROM generate_series(1, 20000) n`,
    [workspaceUuid],
  );
  await app.services.pool.query(
    `
    INSERT INTO "Invite" (id, email, "tokenHash", "workspaceId", role, "expiresAt", "updatedAt")
    SELECT 'in' || n, 'guest' || n || '@example.com', 'hash ' || n, $1, 'WORKSPACE_VIEWER', now() + interval '1 day', now()
    FROM generate_series(1, 20000) n`,
    [workspaceUuid],
  );
  await app.services.pool.query("ANALYZE");
  const found: string[] = [];
  for (const { query, person, variables } of asked) {
    const someone = { token: await build.tokenOf(idOf("user", person)) };
    const texts = new Set<string>();
    // The long way, then in one statement.
    for (let round = 0; round < 2; round++) {
      const { result, statements } = await countStatements(() => as(someone).send(query, variables));
      expect(result.errors).toBeUndefined();
      for (const statement of statements) texts.add(statement);
    }
    for (const text of texts) {
      const { rows } = await app.services.pool.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`);
      const [{ Plan }] = rows[0]["QUERY PLAN"] as [{ Plan: Node }];
      for (const table of scans(Plan)) found.push(`${table} for ${query}`);
    }
  }
  expect(found).toEqual([]);
});
