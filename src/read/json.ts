import { type GraphQLObjectType, getNamedType, isObjectType } from "graphql";
import type { Selected } from "./selection.ts";

/** PostgreSQL takes at most 100 arguments to a function; json_build_object takes two for each key. */
const MAX_PAIRS = 50;

/** The selected part of a JSON object, under the keys of the answer; null stays null. */
export function partOf(value: string, type: GraphQLObjectType, fields: readonly Selected[]): string {
  const pairs = fields.map(({ key, name, fields: inner }) => {
    if (name === "__typename") return `${literal(key)}, ${literal(type.name)}`;
    const at = `${value} -> ${literal(name)}`;
    const named = getNamedType(type.getFields()[name]?.type);
    return `${literal(key)}, ${isObjectType(named) ? partOf(`(${at})`, named, inner) : at}`;
  });
  return `CASE WHEN jsonb_typeof(${value}) = 'object' THEN ${objectOf(pairs)} END`;
}

/** A JSON object of pairs, each `key, value` in SQL. */
export function objectOf(pairs: readonly string[]): string {
  if (pairs.length <= MAX_PAIRS) return `json_build_object(${pairs.join(", ")})`;
  const parts = [];
  for (let at = 0; at < pairs.length; at += MAX_PAIRS) {
    parts.push(`jsonb_build_object(${pairs.slice(at, at + MAX_PAIRS).join(", ")})`);
  }
  return `(${parts.join(" || ")})::json`;
}

/** The rows of a query with the column `j` as a JSON list. */
export const listOf = (rows: string) => `(SELECT coalesce(json_agg(x.j), '[]'::json) FROM (${rows}) x)`;

/** An SQL text about `$row`, said of the row `alias`. */
export const onRow = (sql: string, alias: string) => sql.replaceAll("$row", alias);

/** An SQL string. Keys come from the caller's document, so quotes are doubled (GraphQL names hold none today). */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
