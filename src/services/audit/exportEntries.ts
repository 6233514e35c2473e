import type { Context } from "../../access/context.ts";
import { conditionOf, valuesOf } from "../../query/where.ts";
import { type AuditFilter, whereOf } from "./auditFilter.ts";

/** The formats of an export, and their media types. */
export const formats = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" } as const;

export type Format = keyof typeof formats;

/** Entries read at a time: all that an export keeps in memory. */
const PAGE = 500;

const COLUMNS = [
  ...(["id", "createdAt", "action", "actor", "outcome", "count", "entityType", "entityId", "workspaceId"] as const),
  ...(["requestId", "address", "via", "detail"] as const),
];

type Entry = Record<(typeof COLUMNS)[number], unknown>;

/**
 * The entries that match a filter as text, oldest first, without those that are added meanwhile. Calls `before` before each
 * page, which may throw.
 */
export async function* exportEntries(
  { pool, now }: Pick<Context, "pool" | "now">,
  { format, ...filter }: AuditFilter & { format: Format },
  before: () => Promise<unknown>,
): AsyncGenerator<string> {
  const where = whereOf({ ...filter, to: filter.to ?? now() });
  let params = 0;
  const next = () => `$${++params}`;
  const condition = conditionOf(where, "e", { next });
  const text = `SELECT id, to_char("createdAt", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt", action, actor, outcome, count,
      "entityType", "entityId", "workspaceId", "requestId", address, via, detail
    FROM "AuditEntry" e WHERE ${condition} AND (e."createdAt", e.id) > (${next()}::timestamp, ${next()})
    ORDER BY e."createdAt", e.id LIMIT ${PAGE}`;
  let last = ["-infinity", ""];
  if (format === "csv") yield `${COLUMNS.join(",")}\r\n`;
  for (;;) {
    await before();
    const { rows } = await pool.query<Entry>({ text, values: [...valuesOf(where), ...last] });
    if (rows.length > 0) yield rows.map(lineOf[format]).join("");
    const final = rows.at(-1);
    if (!final || rows.length < PAGE) return;
    last = [String(final.createdAt), String(final.id)];
  }
}

const lineOf: Record<Format, (entry: Entry) => string> = {
  csv: (entry) => `${COLUMNS.map((column) => cell(entry[column])).join(",")}\r\n`,
  jsonl: (entry) => `${JSON.stringify(entry)}\n`,
};

function cell(value: unknown): string {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
  // Spreadsheets run a cell that begins like this as a formula, and the values are the callers'.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
