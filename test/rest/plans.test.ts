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
await client.query(
  `INSERT INTO "Workspace" (id, label, "createdAt", "updatedAt")
   SELECT 'w' || n, 'Workspace ' || n, now() + n * interval '1 second', now() - n * interval '1 second'
   FROM generate_series(1, $1) n`,
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

const list = `/organizations/${DEFAULT_ORGANIZATION}/workspaces`;

it("a page at any offset counts and skips rows in an index of the Organization, and reads its own rows only", async () => {
  const admin = await build.systemAdmin();
  for (const [sort, index] of [
    ["createdAt:asc", "Workspace_organizationId_createdAt_id_idx"],
    ["createdAt:desc", "Workspace_organizationId_createdAt_id_idx"],
    ["updatedAt:desc", "Workspace_organizationId_updatedAt_id_idx"],
    ["name:asc", "Workspace_organizationId_label_id_idx"],
  ] as const) {
    for (const offset of [0, 5_000, ROWS / 2, ROWS - 5_000, ROWS - 20]) {
      const scans = await scansOf(admin, `${list}?sorts=${sort}&offset=${offset}`, "Workspace");
      const [inIndex, ofTable] = [
        scans.filter((node) => node["Node Type"] === "Index Only Scan"),
        scans.filter((node) => node["Node Type"] !== "Index Only Scan"),
      ];
      expect(
        inIndex.map((node) => node["Index Name"]),
        `${sort} ${offset}`,
      ).toContain(index);
      expect(inIndex.every((node) => node["Index Name"]?.startsWith("Workspace_organizationId_"))).toBe(true);
      expect(inIndex.every((node) => node["Heap Fetches"] === 0)).toBe(true);
      expect(read(ofTable)).toBeLessThanOrEqual(20);
      // The number of all rows, and at most half of them to skip.
      expect(read(inIndex)).toBeLessThanOrEqual(ROWS + Math.min(offset, ROWS - offset) + 20);
    }
  }
});

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
