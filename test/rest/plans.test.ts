import pg from "pg";
import { expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";

const { build, app, database, url } = await testHouston();
const rest = createRest(url);

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Heap Fetches"?: number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
}

const ROWS = 20_000;
const client = new pg.Pool({ connectionString: database.url, max: 1 });
// The test server commits asynchronously, and VACUUM takes no row as visible whose commit is not on disk yet.
await client.query("SET synchronous_commit = on");
await client.query(
  `INSERT INTO "Workspace" (id, label, "createdAt", "updatedAt")
   SELECT 'w' || n, 'Workspace ' || n, now() + n * interval '1 second', now() - n * interval '1 second'
   FROM generate_series(1, $1) n`,
  [ROWS],
);
const times = `now() + n * interval '1 second', now() - n * interval '1 second'`;
await client.query(
  `INSERT INTO "Cluster" (id, name, "createdAt", "updatedAt")
   SELECT 'c' || n, 'Cluster ' || n, ${times} FROM generate_series(1, $1) n`,
  [ROWS],
);
// Only for what is read; what triggers count is not.
await client.query("SET session_replication_role = replica");
await client.query(
  `INSERT INTO "Deployment" (id, label, "createdAt", "updatedAt", "workspaceId", "releaseName", namespace, version,
     executor, config, "dagDeployment", "deletedAt")
   SELECT 'd' || n, 'Deployment ' || n, ${times}, 'w1', 'release-' || n, 'namespace-' || n, '1.0.0',
     'CeleryExecutor', '{"executor": "CeleryExecutor"}', '{"type": "image"}', CASE WHEN n > $1 THEN now() END
   FROM generate_series(1, $1 + 1000) n`,
  [ROWS],
);
// Marks the pages as visible to all, which reads of the index alone require.
await client.query("VACUUM ANALYZE");
await client.end();

/** What the statement of a request read of a table: the scans that ran. */
async function scansOf(someone: { token: string }, path: string, table: string): Promise<Node[]> {
  const { result, statements, values } = await countStatements(() => rest(someone).get(path));
  expect([result.status, statements.length]).toEqual([200, 1]);
  const { rows } = await app.services.pool.query(
    `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${statements[0]}`,
    values[0],
  );
  const nodes = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
  const [{ Plan }] = rows[0]["QUERY PLAN"] as [{ Plan: Node }];
  return nodes(Plan).filter((node) => node["Relation Name"] === table && node["Actual Loops"] > 0);
}

const read = (nodes: Node[]) =>
  nodes.reduce(
    (sum, node) => sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
    0,
  );

const home = `/organizations/${DEFAULT_ORGANIZATION}`;
const list = `${home}/workspaces`;

const sorts = ["createdAt:asc", "createdAt:desc", "updatedAt:asc", "updatedAt:desc", "name:asc", "name:desc"] as const;

it.each([
  ["Workspace", list, "Workspace_organizationId_", "label"],
  ["Cluster", `${home}/clusters`, "Cluster_organizationId_", "name"],
  ["Deployment", `${home}/deployments`, "Deployment_organization_", "label"],
] as const)(
  "a page of a %s list counts and skips rows in an index, by any sort and at any offset, and reads its own rows only",
  async (table, path, indexes, nameColumn) => {
    const admin = await build.systemAdmin();
    for (const sort of sorts) {
      const [name = ""] = sort.split(":");
      const index = `${indexes}${name === "name" ? nameColumn : name}`;
      for (const offset of [0, 5_000, ROWS / 2, ROWS - 5_000, ROWS - 20]) {
        const scans = await scansOf(admin, `${path}?sorts=${sort}&offset=${offset}`, table);
        const inIndex = scans.filter((node) => node["Node Type"] === "Index Only Scan");
        const ofTable = scans.filter((node) => node["Node Type"] !== "Index Only Scan");
        const used = inIndex.map((node) => node["Index Name"] ?? "");
        expect(
          used.some((one) => one.startsWith(index)),
          `${sort} ${offset}: ${used}`,
        ).toBe(true);
        expect(used.filter((one) => !one.startsWith(indexes))).toEqual([]);
        // Those in one block with a row that is in use, such as the default cluster.
        for (const node of inIndex) expect(node["Heap Fetches"]).toBeLessThan(200);
        expect(read(ofTable)).toBeLessThanOrEqual(20);
        // The number of all rows, and at most half of them to skip.
        expect(read(inIndex)).toBeLessThanOrEqual(ROWS + Math.min(offset, ROWS - offset) + 25);
      }
    }
  },
);

it("a page of a member reads the member's rows only, however many others there are", async () => {
  const roles = ["w3", "w7777", "w19999"].map((workspaceId) => ({ role: "WORKSPACE_VIEWER", workspaceId }) as const);
  const member = await build.user({ roles });
  for (const query of ["", "?sorts=name:desc", "?offset=2&limit=1", "?limit=0"]) {
    expect(read(await scansOf(member, `${list}${query}`, "Workspace")), query).toBeLessThan(50);
  }
});

it("one Workspace is found by its ID", async () => {
  expect(read(await scansOf(await build.systemAdmin(), `${list}/w7777`, "Workspace"))).toBeLessThan(5);
  expect(
    read(await scansOf(await build.systemAdmin(), `${list}?workspaceIds=w1&workspaceIds=w2`, "Workspace")),
  ).toBeLessThan(20);
  expect(read(await scansOf(await build.systemAdmin(), `${list}?names=Workspace%2012`, "Workspace"))).toBeLessThan(20);
});
