import { badInput } from "../../platform/errors/appError.ts";
import type { ResourceType } from "../../services/scim/attributes.ts";
import { parseFilter } from "../../services/scim/filter.ts";
import { type Condition, filterSql } from "../../services/scim/filterSql.ts";
import { LIST_PARAMETERS } from "../../services/scim/listScimUsers.ts";
import { entriesOf } from "../../services/scim/resource.ts";

/** Largest page, and the size of a page that a client does not name. */
export const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

/** Attributes of users that have an index, in lower case. */
const INDEXED = new Set(["id", "username", "externalid"]);

export type Query = Record<string, string | string[] | undefined>;

/** A page as a client asks for it. */
export interface ListQuery {
  condition: Condition;
  /** An index finds what meets the condition. */
  isLookup: boolean;
  startIndex: number;
  skip: number;
  take: number;
}

/** Reads `filter`, `startIndex` and `count`. Throws invalidFilter, and BAD_USER_INPUT for what is no whole number. */
export function readListQuery(type: ResourceType, query: Query): ListQuery {
  const filter = textOf(query, "filter");
  const parsed = filter ? parseFilter(filter) : undefined;
  const condition = parsed ? filterSql(type, parsed, LIST_PARAMETERS) : { sql: "true", values: [] };
  const isLookup = parsed?.kind === "compare" && parsed.operator === "eq" && INDEXED.has(parsed.name.toLowerCase());
  // Smaller values are interpreted as the smallest ones (RFC 7644, section 3.4.2.4).
  const startIndex = Math.max(integerOf(query, "startIndex") ?? 1, 1);
  const count = Math.max(integerOf(query, "count") ?? DEFAULT_PAGE, 0);
  return { condition, isLookup, startIndex, skip: startIndex - 1, take: Math.min(count, MAX_PAGE) };
}

/** The value of a parameter; undefined without it. Throws BAD_USER_INPUT if it is given twice. */
export function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw badInput(name, "must be given once");
  return value;
}

/**
 * The query in the body of a search (RFC 7644, section 3.4.3), which says the same as the parameters of a list. Throws
 * invalidSyntax for a body that is not an object, BAD_USER_INPUT for a value of a wrong type.
 */
export function queryIn(body: unknown): Query {
  const query: Query = {};
  for (const [name, value] of entriesOf(body)) {
    if (value === null || name === "schemas") continue;
    const text = Array.isArray(value) ? value.join(",") : value;
    if (typeof text !== "string" && typeof text !== "number")
      throw badInput(name, "must be a string, a number or a list");
    query[name] = String(text);
  }
  return query;
}

function integerOf(query: Query, name: string): number | undefined {
  const text = textOf(query, name);
  if (text === undefined || text === "") return undefined;
  if (!/^[+-]?\d{1,9}$/.test(text)) throw badInput(name, "must be a whole number of at most 9 digits");
  return Number(text);
}
