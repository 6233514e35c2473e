import type { Right, Rights } from "./rights.ts";

/** A condition on a row: columns equal to values (null: is null), and related rows that must exist. All must hold. */
export interface Where {
  [column: string]: string | number | boolean | Date | null | undefined | readonly string[] | Some | Contains | InJson;
}

/** One of the columns holds the text somewhere, in upper or lower case. */
export interface Contains {
  anyOf: readonly string[];
  contains: string;
}

/** The text under `key` of a column that holds a JSON object. */
export interface InJson {
  json: string;
  key: string;
  equals: string;
}

/** Some row of `table` whose `theirs` equals our `ours` meets `where`, and `rights` where they are given. */
export interface Some {
  table: string;
  theirs: string;
  ours: string;
  where: Where;
  /** What the caller must be allowed about that row; one list for each place that asks, as it is no part of the shape. */
  rights?: readonly Right[];
}

const isContains = (value: unknown): value is Contains =>
  typeof value === "object" && value !== null && "contains" in value;

const isInJson = (value: unknown): value is InJson => typeof value === "object" && value !== null && "json" in value;

const isSome = (value: unknown): value is Some => typeof value === "object" && value !== null && "table" in value;

/** What tells two conditions' SQL apart: their columns and the kind of each value, never the values. */
export const shapeOf = (where: Where): string =>
  Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => {
      if (isContains(value)) return `${column}:${value.anyOf} contains`;
      if (isInJson(value)) return `${column}:${value.json}.${value.key}`;
      if (isSome(value)) return `${column}:{${value.table}.${value.theirs}=${value.ours} ${shapeOf(value.where)}}`;
      return `${column}:${value === null ? "null" : Array.isArray(value) ? "list" : "value"}`;
    })
    .join(",");

/** The values of a condition in the order its placeholders were given out. */
export const valuesOf = (where: Where): unknown[] =>
  Object.values(where).flatMap((value) => {
    if (value === undefined || value === null) return [];
    if (isSome(value)) return valuesOf(value.where);
    if (isInJson(value)) return [value.equals];
    if (isContains(value)) return [`%${value.contains.replaceAll(/[\\%_]/g, "\\$&")}%`];
    // Columns hold UTC without saying so; a Date would arrive in the process's own time zone.
    return [value instanceof Date ? value.toISOString() : value];
  });

/** What a condition's SQL is made with. */
interface Making {
  /** Hands out the placeholders. */
  next: () => string;
  /** Is told which columns of the row itself equal a placeholder. */
  equal?: (column: string, placeholder: string) => void;
  /** Turns rights on a row into SQL; needed where a condition has any. */
  allowed?: Rights["allowed"] | undefined;
}

/** The condition as SQL about the row `alias`. Column names are ours, never the caller's. */
export function conditionOf(where: Where, alias: string, { next, equal, allowed }: Making): string {
  const parts = Object.entries(where).flatMap(([column, value]) => {
    if (value === undefined) return [];
    if (isSome(value)) {
      const there = `${alias}s`;
      const all = [
        `${there}."${value.theirs}" = ${alias}."${value.ours}"`,
        conditionOf(value.where, there, { next, allowed }),
        ...(value.rights ? [rightsOn(there, value.rights, allowed)] : []),
      ];
      return [`EXISTS (SELECT 1 FROM "${value.table}" ${there} WHERE ${all.join(" AND ")})`];
    }
    if (isContains(value)) {
      const text = next();
      return [`(${value.anyOf.map((one) => `${alias}."${one}" ILIKE ${text}`).join(" OR ")})`];
    }
    if (isInJson(value)) return [`${alias}."${value.json}"->>'${value.key}' = ${next()}`];
    if (value === null) return [`${alias}."${column}" IS NULL`];
    if (Array.isArray(value)) return [`${alias}."${column}" = ANY(${next()})`];
    const placeholder = next();
    equal?.(column, placeholder);
    return [`${alias}."${column}" = ${placeholder}`];
  });
  return parts.length === 0 ? "true" : parts.join(" AND ");
}

function rightsOn(alias: string, rights: readonly Right[], allowed: Rights["allowed"] | undefined): string {
  if (!allowed) throw new Error("A condition asks for rights where nobody calls");
  return allowed(rights, alias);
}
