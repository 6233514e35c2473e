import type { Column, Table } from "../platform/database/columns.ts";
import type { Entity } from "./entity.ts";
import { onRow } from "./json.ts";
import type { Right, Rights } from "./rights.ts";
import { type AnyWhere, conditionOf } from "./where.ts";

/** A part of an ordered list of a table's rows by its offset, together with the number of all rows of the list. */
export interface CountedPage<T extends Table = Table> {
  /** The key of the rows in the result, next to `totalCount`. */
  key: string;
  /** Maximum number of rows; 0 for the count alone. */
  take: number;
  /** Rows to skip at the start. */
  skip: number;
  /** The columns that order the list, most significant first. Rows that are equal in all of them are ordered by ID. */
  order: readonly { column: Column<T>; descending: boolean }[];
}

/** What distinguishes the SQL of two pages. */
export const countedShape = (page: CountedPage | undefined) => page && [page.key, page.order];

/** The values of a page, in the order of its placeholders. */
export const countedValues = (page: CountedPage | undefined): unknown[] => (page ? [page.take, page.skip] : []);

interface CountedQuery {
  entity: Entity;
  alias: string;
  where: AnyWhere;
  /** The rights of which one is required on each row; undefined if all rows may be seen. */
  visible: readonly Right[] | undefined;
  page: CountedPage;
  next: () => string;
  rights: Rights;
}

interface CountedSql {
  /** WITH and the CTEs that find the page. */
  ctes: string;
  /** An expression for the number of rows of the list, next to `from`. */
  total: string;
  from: string;
  /** The item of FROM with the page's rows, in no order. */
  rows: string;
  /** ORDER BY for them. */
  order: string;
}

/**
 * SQL for a page and the number of rows in its list. Rows are counted and skipped in the index that provides the order,
 * from whichever end of the list is nearer, and only the page's own rows are read from the table. Callers whose system
 * roles do not show them every row see those found by their other roles, which are few.
 */
export function countedPageSql({ entity, alias, where, visible, page, next, rights }: CountedQuery): CountedSql {
  const inner = `${alias}p`;
  const { table } = entity;
  const conditions = [conditionOf(where, inner, { next, allowed: rights.allowed })];
  if (entity.where) conditions.push(onRow(entity.where, inner));
  const [take, skip] = [`${next()}::bigint`, `${next()}::bigint`];
  const source = (more: readonly string[]) => `"${table}" ${inner} WHERE ${[...conditions, ...more].join(" AND ")}`;
  const ids = (more: readonly string[], backwards: boolean, limit: string, offset: string) =>
    `ARRAY(SELECT ${inner}.id FROM ${source(more)} ${orderBy(page, inner, backwards)} LIMIT ${limit} OFFSET ${offset})`;
  const count = (more: readonly string[]) => `(SELECT count(*) FROM ${source(more)})`;
  const own = [`${inner}.id IN (SELECT own.id FROM own)`];
  const ofSome = (sql: string) => (visible ? `WHEN NOT shown.everything THEN ${sql}` : "");
  const ctes = `WITH shown AS MATERIALIZED (
  SELECT ${visible ? rights.allowedAll(visible) : "true"} AS everything
), own AS MATERIALIZED (
  ${visible ? rights.idsAllowedInScope(visible, table) : "SELECT NULL::text AS id WHERE false"}
), counted AS MATERIALIZED (
  SELECT CASE ${ofSome(count(own))} ELSE ${count([])} END AS total FROM shown
), page AS MATERIALIZED (
  SELECT CASE ${ofSome(ids(own, false, take, skip))}
    WHEN 2 * ${skip} <= counted.total THEN ${ids([], false, take, skip)}
    ELSE ${ids([], true, `greatest(least(${take}, counted.total - ${skip}), 0)`, `greatest(counted.total - ${skip} - ${take}, 0)`)}
  END AS ids FROM shown, counted
)`;
  return {
    ctes,
    total: "counted.total",
    from: " FROM counted",
    rows: `(SELECT ${inner}.* FROM "${table}" ${inner} WHERE ${inner}.id = ANY((SELECT page.ids FROM page)::text[]))`,
    order: orderBy(page, alias, false),
  };
}

function orderBy({ order }: CountedPage, alias: string, backwards: boolean): string {
  const last = order.at(-1)?.descending ?? false;
  const columns = [...order, { column: "id", descending: last }];
  const parts = columns.map(
    ({ column, descending }) => `${alias}."${column}"${descending === backwards ? "" : " DESC"}`,
  );
  return `ORDER BY ${parts.join(", ")}`;
}
