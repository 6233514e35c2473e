import type pg from "pg";

/** One row of a table, as JSON. */
export interface DumpedRow {
  /** Without the schema: "Deployment". */
  table: string;
  row: Record<string, unknown>;
}

/** Every row of every table in every schema, except those of PostgreSQL itself. */
export async function dumpDatabase(pool: Pick<pg.Pool, "query">): Promise<DumpedRow[]> {
  const { rows: tables } = await pool.query<{ table: string; name: string }>(`
    SELECT table_name AS table, format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`);
  const dumped: DumpedRow[] = [];
  for (const { table, name } of tables) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(`SELECT to_jsonb(t) AS row FROM ${name} t`);
    dumped.push(...rows.map(({ row }) => ({ table, row })));
  }
  return dumped;
}

/** What `secretBox` returns. */
const ENCRYPTED = /^v1\.[\w-]{38,}$/;

/** Where the database has encrypted values: table, column, and the path inside of JSON, separated by dots. */
export async function encryptedPlaces(pool: Pick<pg.Pool, "query">): Promise<string[]> {
  const found = (await dumpDatabase(pool)).flatMap(({ table, row }) => placesIn(row, table));
  return [...new Set(found)].sort();
}

function placesIn(value: unknown, path: string): string[] {
  if (typeof value === "string") return ENCRYPTED.test(value) ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    placesIn(inner, Array.isArray(value) ? path : `${path}.${key}`),
  );
}
