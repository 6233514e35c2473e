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

/** Some row of `table` whose `theirs` equals our `ours` meets `where`. */
export interface Some {
  table: string;
  theirs: string;
  ours: string;
  where: Where;
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

/**
 * The condition as SQL about the row `alias`. `next` hands out the placeholders; `equal` is told which columns equal one.
 * Column names are ours, never the caller's.
 */
export function conditionOf(
  where: Where,
  alias: string,
  next: () => string,
  equal: (column: string, placeholder: string) => void = () => undefined,
): string {
  const parts = Object.entries(where).flatMap(([column, value]) => {
    if (value === undefined) return [];
    if (isSome(value)) {
      const there = `${alias}s`;
      const inner = conditionOf(value.where, there, next);
      return [
        `EXISTS (SELECT 1 FROM "${value.table}" ${there} WHERE ${there}."${value.theirs}" = ${alias}."${value.ours}" AND ${inner})`,
      ];
    }
    if (isContains(value)) {
      const text = next();
      return [`(${value.anyOf.map((one) => `${alias}."${one}" ILIKE ${text}`).join(" OR ")})`];
    }
    if (isInJson(value)) return [`${alias}."${value.json}"->>'${value.key}' = ${next()}`];
    if (value === null) return [`${alias}."${column}" IS NULL`];
    if (Array.isArray(value)) return [`${alias}."${column}" = ANY(${next()})`];
    const placeholder = next();
    equal(column, placeholder);
    return [`${alias}."${column}" = ${placeholder}`];
  });
  return parts.length === 0 ? "true" : parts.join(" AND ");
}
