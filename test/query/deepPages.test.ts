import { describe, expect, it, vi } from "vitest";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { compile } from "../../src/query/compile.ts";
import type { ReadField } from "../../src/query/defineRead.ts";
import { pageValues } from "../../src/query/page.ts";
import { valuesOf } from "../../src/query/where.ts";
import { paginatedDeployments } from "../../src/services/deployments/paginatedDeployments.ts";
import { nouns } from "../../src/services/nouns.ts";
import { paginatedWorkspaces } from "../../src/services/workspaces/paginatedWorkspaces.ts";
import { paginatedWorkspaceUsers } from "../../src/services/workspaces/paginatedWorkspaceUsers.ts";
import { testHouston } from "../support/houston.ts";

const { app, build } = await testHouston();
const { pool, roles, config } = app.services;
const schema = createSchema(nouns);

interface Node {
  "Node Type": string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Heap Fetches"?: number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[];
}

/** The cost of a page: table rows read, index-only entries read, rows sorted, and buffers touched. */
interface Cost {
  rows: number;
  entries: number;
  sorted: number;
  buffers: number;
}

function costOf(node: Node): Omit<Cost, "buffers"> {
  const below = (node.Plans ?? []).map(costOf);
  const seen = (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];
  const type = node["Node Type"];
  const here = {
    rows:
      type === "Index Only Scan" ? (node["Heap Fetches"] ?? 0) : /^(Seq|Index|Bitmap Heap) Scan$/.test(type) ? seen : 0,
    entries: type === "Index Only Scan" ? seen : 0,
    sorted: /Sort$/.test(type) ? seen : 0,
  };
  return below.reduce(
    (sum, one) => ({
      rows: sum.rows + one.rows,
      entries: sum.entries + one.entries,
      sorted: sum.sorted + one.sorted,
    }),
    here,
  );
}

const admin = await build.systemAdmin();
const id = { key: "id", name: "id", args: {}, fields: [] };

/** The cost of a paginated field's statement as the server runs it: prepared, with a generic plan. */
async function cost(field: ReadField, args: Record<string, unknown>): Promise<Cost> {
  const read = field.extensions.read;
  const { where, page } = read.toQuery(args, { config });
  const { entity, many } = read;
  const sql = compile({ schema, roles }, { entity, fields: [id], where, many, onlyVisible: false, page });
  const values = [admin.id, null, ...valuesOf(where), ...pageValues(page)];
  const literals = values.map((value) => (typeof value === "string" ? `'${value}'` : String(value))).join(", ");
  const client = await pool.connect();
  try {
    await client.query(`PREPARE page AS ${sql}`);
    const explain = `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE page(${literals})`;
    await client.query(explain);
    const { rows } = await client.query(explain);
    const [{ Plan }] = rows[0]["QUERY PLAN"] as [{ Plan: Node }];
    return { ...costOf(Plan), buffers: Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"] };
  } finally {
    await client.query("DEALLOCATE ALL");
    client.release();
  }
}

const MANY = 20_000;
const idOf = (kind: string, n: number) => `${kind}${String(n).padStart(6, "0")}`;
const numbered = (kind: string) => `'${kind}' || lpad(n::text, 6, '0')`;
const series = `generate_series(0, ${MANY - 1}) n`;
const moment = `timestamp '2026-01-01' + n * interval '1 second'`;

await pool.query(`
  INSERT INTO "Workspace" (id, label, "createdAt", "updatedAt")
    SELECT ${numbered("w")}, 'workspace ' || n, ${moment}, now() FROM ${series};
  INSERT INTO "ReleaseName" (name) SELECT ${numbered("r")} FROM ${series};
  INSERT INTO "Deployment" (id, "workspaceId", label, "releaseName", namespace, version, executor, config, "dagDeployment", "createdAt", "updatedAt", "deletedAt")
    SELECT ${numbered("d")}, ${numbered("w")}, 'one', ${numbered("r")}, 'n' || n, '0.0.0', 'CeleryExecutor', '{}', '{}', ${moment}, now(),
      CASE WHEN n % 10 = 9 THEN now() END FROM ${series};
  INSERT INTO "User" (id, username, status, "createdAt", "updatedAt")
    SELECT ${numbered("u")}, 'user ' || n, 'active', ${moment}, now() FROM ${series};
  INSERT INTO "RoleBinding" (id, role, "userId", "workspaceId", "updatedAt")
    SELECT ${numbered("b")}, 'WORKSPACE_VIEWER', ${numbered("u")}, 'w000000', now() FROM ${series};
  INSERT INTO "RoleBinding" (id, role, "userId", "workspaceId", "updatedAt")
    SELECT ${numbered("c")}, 'WORKSPACE_VIEWER', ${numbered("u")}, ${numbered("w")}, now() FROM ${series} WHERE n > 0;`);
// VACUUM marks pages as all-visible only once no older transaction is open, and other test files have some.
await vi.waitFor(
  async () => {
    await pool.query("VACUUM ANALYZE");
    const { rows } = await pool.query(
      `SELECT relname FROM pg_class WHERE relname IN ('Workspace', 'Deployment', 'User', 'RoleBinding') AND relallvisible < relpages`,
    );
    expect(rows).toEqual([]);
  },
  { timeout: 60_000, interval: 200 },
);

const DEEP = MANY - 2_000;

describe("a page deep in a long list", () => {
  it.each([
    ["paginatedDeployments", paginatedDeployments, {}, idOf("d", DEEP)],
    [
      "paginatedDeployments of a cluster",
      paginatedDeployments,
      { clusterId: "cldefault0000000000000000" },
      idOf("d", DEEP),
    ],
    ["paginatedWorkspaceUsers", paginatedWorkspaceUsers, { workspaceUuid: "w000000" }, idOf("u", DEEP)],
  ])("by cursor costs as much as the first page, forwards and backwards: %s", async (_, field, args, cursor) => {
    const first = await cost(field, { ...args, take: 50 });
    expect(first.rows).toBeLessThanOrEqual(70);
    for (const take of [50, -50]) {
      const deep = await cost(field, { ...args, take, cursor });
      expect(deep.rows + deep.entries).toBeLessThanOrEqual(first.rows + first.entries + 10);
      expect(deep.buffers).toBeLessThanOrEqual(first.buffers + 30);
    }
  });

  it("is not sorted again when it follows the order of its index", async () => {
    const cursor = idOf("d", DEEP);
    expect((await cost(paginatedDeployments, { take: 50, cursor })).sorted).toBe(0);
    expect((await cost(paginatedDeployments, { take: -50, cursor })).sorted).toBe(50);
  });

  it.each([
    ["paginatedDeployments", paginatedDeployments, {}],
    ["paginatedDeployments of a cluster", paginatedDeployments, { clusterId: "cldefault0000000000000000" }],
    ["paginatedWorkspaces", paginatedWorkspaces, {}],
  ])("by number costs as much as the first page, from both ends: %s", async (_, field, args) => {
    for (const take of [50, -50]) {
      const first = await cost(field, { ...args, take });
      for (const pageNumber of [1, 150, 300]) {
        const deep = await cost(field, { ...args, take, pageNumber });
        // At most the rows within 16 seconds are read one by one; here each second has one row.
        expect(deep.rows + deep.entries).toBeLessThanOrEqual(first.rows + first.entries + 70);
        // At most 256 counts are added on each of three levels; here only the third level is full.
        expect(deep.buffers).toBeLessThanOrEqual(first.buffers + 300);
      }
    }
  });
});
