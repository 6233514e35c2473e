import type { Entity } from "./entity.ts";
import { onRow } from "./json.ts";

/** A part of an ordered list: at most `take` rows, from the start, after or before a row, or after skipping some. */
export interface Page {
  /** Rows at most; undefined is all. Negative: the last rows before `cursor`, or of the list. */
  take: number | undefined;
  /** The id of the row the page begins after (or, with a negative take, ends before). */
  cursor?: string | undefined;
  /** Rows to leave out at the start. */
  skip?: number | undefined;
  /** What `take` can be at most. */
  most?: number | undefined;
}

/** What tells two pages' SQL apart. */
export const pageShape = (page: Page | undefined) =>
  page && [
    page.take === undefined,
    (page.take ?? 0) < 0,
    page.cursor !== undefined,
    page.skip !== undefined,
    page.most,
  ];

/** The values of a page in the order its placeholders were given out. */
export const pageValues = (page: Page | undefined): unknown[] =>
  page === undefined
    ? []
    : [page.cursor, page.take === undefined ? undefined : Math.abs(page.take), page.skip].filter(
        (value) => value !== undefined,
      );

/**
 * The rows of the page, found from the index that holds the order; only then is what is below them read. Rows come in the
 * order of the page, which backwards is not that of the list.
 */
export function pageRows(
  entity: Entity,
  alias: string,
  conditions: readonly string[],
  page: Page,
  next: () => string,
): string {
  const [inner, mark] = [`${alias}p`, `${alias}c`];
  const backwards = (page.take ?? 0) < 0;
  const direction = backwards ? " DESC" : "";
  const all = conditions.map((condition) => condition.replaceAll(`${alias}.`, `${inner}.`));
  if (entity.where) all.push(onRow(entity.where, inner));
  if (page.cursor !== undefined) {
    all.push(
      `(${inner}."createdAt", ${inner}.id) ${backwards ? "<" : ">"} (SELECT ${mark}."createdAt", ${mark}.id FROM "${entity.table}" ${mark} WHERE ${mark}.id = ${next()})`,
    );
  }
  const limit = page.take === undefined ? "" : ` LIMIT ${next()}`;
  const offset = page.skip === undefined ? "" : ` OFFSET ${next()}`;
  const order = `${inner}."createdAt"${direction}, ${inner}.id${direction}`;
  const rows = `SELECT ${inner}.* FROM "${entity.table}" ${inner} WHERE ${all.join(" AND ")} ORDER BY ${order}${limit}${offset}`;
  // A generic plan takes a tenth of the table for a LIMIT that it does not know, and then reads whole tables to join.
  return page.most === undefined ? `(${rows})` : `(SELECT ${inner}.* FROM (${rows}) ${inner} LIMIT ${page.most})`;
}

/** ORDER BY, and LIMIT where a nested field takes `first`. */
export function pageOf(entity: Entity, alias: string, args: Record<string, unknown>): string {
  const first = typeof args.first === "number" ? ` LIMIT ${Math.max(0, Math.trunc(args.first))}` : "";
  return `ORDER BY ${onRow(entity.order, alias)}${first}`;
}
