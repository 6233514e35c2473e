import type { Column, Table } from "../platform/database/columns.ts";
import { badInput } from "../platform/errors/appError.ts";
import type { Entity } from "./entity.ts";
import { onRow } from "./json.ts";
import { conditionOf, shapeOf, valuesOf, type Where } from "./where.ts";

/** A part of an ordered list of a table's rows: at most `take` rows, from the start, after or before a row, or after skipping some. */
export interface Page<T extends Table = Table> {
  /** Maximum number of rows; undefined is all. Negative: the last rows before `cursor`, or of the list. */
  take: number | undefined;
  /** The ID of the row after which the page begins (or, with a negative take, before which it ends). */
  cursor?: string | undefined;
  /** Rows to skip at the start. */
  skip?: number | undefined;
  /** The largest possible `take`. */
  maxTake?: number | undefined;
  /**
   * The list's rows are counted by creation time (RowCount in prisma/schema.prisma), and filtered by nothing but a cluster, if
   * at all: the start of the page is then computed from the counts instead of by walking the skipped rows.
   */
  counted?: { clusterId: string | null } | undefined;
  /** Columns that order the list and together identify its rows, as in an index; createdAt and id by default. */
  order?: { by: readonly Column<T>[]; descending: boolean } | undefined;
  /** The list consists of the rows whose IDs are in the column `to` of these rows, ordered by ID. */
  via?: { [Joining in Table]: Via<Joining> }[Table] | undefined;
}

interface Via<Joining extends Table> {
  table: Joining;
  to: Column<Joining>;
  where: Where<Joining>;
}

/** What distinguishes the SQL of two pages. */
export const pageShape = (page: Page | undefined) =>
  page && [
    page.take === undefined,
    (page.take ?? 0) < 0,
    page.cursor !== undefined,
    page.skip !== undefined,
    page.counted !== undefined,
    page.maxTake,
    page.order,
    page.via && [page.via.table, page.via.to, shapeOf(page.via.where)],
  ];

/** The values of a page, in the order of its placeholders. */
export const pageValues = (page: Page | undefined): unknown[] =>
  page === undefined
    ? []
    : [
        ...valuesOf(page.via?.where ?? {}),
        ...[page.cursor, page.take === undefined ? undefined : Math.abs(page.take), page.skip].filter(
          (value) => value !== undefined,
        ),
        ...(page.skip !== undefined && page.counted ? [page.counted.clusterId] : []),
      ];

/**
 * The rows of the page, found through the index that provides the order, before anything below them is read. Skipped rows, and
 * rows of `via`, are counted or walked in the index; only the page's own rows are read from the table.
 */
export function pageRows(
  entity: Entity,
  alias: string,
  conditions: readonly string[],
  page: Page,
  next: () => string,
): string {
  const [inner, mark] = [`${alias}p`, `${alias}c`];
  const { via } = page;
  const backwards = (page.take ?? 0) < 0;
  const downwards = backwards !== (page.order?.descending ?? false);
  const [table, id, by] = via ? [via.table, via.to, [via.to]] : [entity.table, "id", columnsOf(page)];
  const all = via
    ? [conditionOf(via.where, inner, { next }), `${inner}."${via.to}" IS NOT NULL`]
    : conditions.map((condition) => condition.replaceAll(`${alias}.`, `${inner}.`));
  if (!via && entity.where) all.push(onRow(entity.where, inner));
  if (page.cursor !== undefined) {
    const after = via ? next() : `(SELECT ${columns(by, mark)} FROM "${table}" ${mark} WHERE ${mark}.id = ${next()})`;
    all.push(`(${columns(by, inner)}) ${downwards ? "<" : ">"} ${via ? `(${after})` : after}`);
  }
  const limit = page.take === undefined ? "" : ` LIMIT ${next()}`;
  const skipped = page.skip === undefined ? undefined : next();
  let start = "";
  let offset = skipped === undefined ? "" : ` OFFSET ${skipped}`;
  if (skipped !== undefined && page.counted) {
    start = `WITH s AS (SELECT * FROM page_start('${table}', ${next()}, ${skipped}, ${downwards})) `;
    all.push(`${inner}."createdAt" ${downwards ? "<" : ">="} (SELECT s.bound FROM s)`);
    offset = " OFFSET (SELECT s.rest FROM s)";
  }
  const order = columns(by, inner, downwards ? " DESC" : "");
  const rows = (wanted: string) =>
    `${start}SELECT ${wanted} FROM "${table}" ${inner} WHERE ${all.join(" AND ")} ORDER BY ${order}${limit}${offset}`;
  if (!via && page.skip === undefined) {
    const own = rows(`${inner}.*`);
    // A generic plan assumes that an unknown LIMIT returns a tenth of the table, and then joins by scanning whole tables.
    // Repeating ORDER BY tells the outer query that the page is already sorted.
    return page.maxTake === undefined
      ? `(${own})`
      : `(SELECT ${inner}.* FROM (${own}) ${inner} ORDER BY ${order} LIMIT ${page.maxTake})`;
  }
  const row = `${alias}r`;
  const ids = `ARRAY(${rows(`${inner}."${id}"`)})`;
  return `(SELECT ${row}.* FROM "${entity.table}" ${row} WHERE ${row}.id = ANY(${ids}))`;
}

/** The order of a list or a page; a backward page is also returned in the order of the list. */
export function orderOf(entity: Entity, alias: string, page: Page | undefined): string {
  if (page?.via) return `ORDER BY ${alias}.id`;
  if (page?.order) return `ORDER BY ${columns(page.order.by, alias, page.order.descending ? " DESC" : "")}`;
  return pageOf(entity, alias, {});
}

/** ORDER BY, and LIMIT if a nested field has the argument `first`. Throws BAD_USER_INPUT if that is negative. */
export function pageOf(entity: Entity, alias: string, args: Record<string, unknown>): string {
  if (typeof args.first === "number" && args.first < 0) throw badInput("first", "must be a whole number of at least 0");
  const first = typeof args.first === "number" ? ` LIMIT ${Math.trunc(args.first)}` : "";
  return `ORDER BY ${onRow(entity.order, alias)}${first}`;
}

const columnsOf = ({ order }: Page): readonly string[] => order?.by ?? ["createdAt", "id"];

const columns = (names: readonly string[], alias: string, direction = "") =>
  names.map((name) => `${alias}."${name}"${direction}`).join(", ");
