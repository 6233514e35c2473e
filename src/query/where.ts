import type { Column, Comparable, Table } from "../platform/database/columns.ts";
import type { Right, Rights } from "./rights.ts";

/** A condition on a row: columns equal to values (null: is null; a list: any of its values) and `also`, all of them true. */
export type Where<T extends Table> = {
  readonly [Name in Column<T>]?: Comparable<T, Name> | readonly (Comparable<T, Name> & string)[] | undefined;
} & { readonly also?: readonly (Also<T> | undefined)[] | undefined };

/** A condition other than the equality of a column. */
export type Also<T extends Table = Table> =
  | { [Related in Table]: Some<T, Related> }[Table]
  | Contains<T>
  | InJson<T>
  | Between<T>;

/**
 * The time in a column, or in the first of several that is not null, is at or after `from`, if given, and before `to`, if
 * given.
 */
export interface Between<T extends Table = Table> {
  between: Column<T> | readonly Column<T>[];
  from?: Date | undefined;
  to?: Date | undefined;
}

/** One of the columns contains the text, ignoring case. */
export interface Contains<T extends Table = Table> {
  anyOf: readonly Column<T>[];
  contains: string;
}

/** The text under `key` of a column that holds a JSON object. */
export interface InJson<T extends Table = Table> {
  json: Column<T>;
  key: string;
  equals: string;
}

/** A row of `table` whose `theirs` equals this row's `ours` meets `where`, and `rights` if given. */
export interface Some<T extends Table, Related extends Table> {
  table: Related;
  theirs: Column<Related>;
  ours: Column<T>;
  where: Where<Related>;
  /** The caller's required rights on that row. Must be constant for each call site, because it is not part of the shape. */
  rights?: readonly Right<Related>[];
}

/** A condition returned by a function as `Given`. Rejects unknown names, which TypeScript allows in returned objects. */
export type Returned<Given, T extends Table> = Given &
  Where<T> & { readonly [Name in Exclude<NameIn<Given>, keyof Where<T>>]?: never };

type NameIn<Given> = Given extends unknown ? keyof Given : never;

/** A condition on a row of any table. */
export interface AnyWhere {
  readonly [column: string]:
    | string
    | number
    | boolean
    | Date
    | null
    | undefined
    | readonly (string | Also | undefined)[];
}

type Value = AnyWhere[string];

const isList = (value: Value): value is Extract<Value, readonly unknown[]> => Array.isArray(value);

/** What distinguishes the SQL of two conditions: their columns and the kind of each value, never the values. */
export const shapeOf = (where: AnyWhere): string =>
  Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => {
      if (!isList(value)) return `${column}:${value === null ? "null" : "value"}`;
      return column === "also" ? alsoIn(value).map(alsoShape).join(",") : `${column}:list`;
    })
    .join(",");

function alsoShape(also: Also): string {
  if ("contains" in also) return `${also.anyOf} contains`;
  if ("json" in also) return `${also.json}.${also.key}`;
  if ("between" in also) return `${also.between} ${also.from ? "from" : ""} ${also.to ? "to" : ""}`;
  return `{${also.table}.${also.theirs}=${also.ours} ${shapeOf(also.where)}}`;
}

/** The values of a condition, in the order of its placeholders. */
export const valuesOf = (where: AnyWhere): unknown[] =>
  Object.entries(where).flatMap(([column, value]) => {
    if (value === undefined || value === null) return [];
    if (isList(value)) return column === "also" ? alsoIn(value).flatMap(alsoValues) : [value];
    // Columns hold UTC without a time zone; pg would convert a Date to the process's time zone.
    return [value instanceof Date ? value.toISOString() : value];
  });

function alsoValues(also: Also): unknown[] {
  if ("contains" in also) return [`%${also.contains.replaceAll(/[\\%_]/g, "\\$&")}%`];
  if ("between" in also) return [also.from, also.to].flatMap((time) => time?.toISOString() ?? []);
  return "json" in also ? [also.equals] : valuesOf(also.where);
}

/** How a condition is compiled. */
interface ConditionOptions {
  /** Returns the next placeholder. */
  next: () => string;
  /** Called with each column of the row itself that equals a placeholder. */
  equal?: (column: string, placeholder: string) => void;
  /** Turns rights on a row into SQL; required if a condition has any. */
  allowed?: Rights["allowed"] | undefined;
}

/** The condition as SQL about the row `alias`. Column names never come from the caller. */
export function conditionOf(where: AnyWhere, alias: string, options: ConditionOptions): string {
  const parts = Object.entries(where).flatMap(([column, value]) => {
    if (value === undefined) return [];
    if (value === null) return [`${alias}."${column}" IS NULL`];
    if (isList(value)) {
      if (column === "also") return alsoIn(value).map((also) => alsoSql(also, alias, options));
      return [`${alias}."${column}" = ANY(${options.next()})`];
    }
    const placeholder = options.next();
    options.equal?.(column, placeholder);
    return [`${alias}."${column}" = ${placeholder}`];
  });
  return parts.length === 0 ? "true" : parts.join(" AND ");
}

/** The conditions of the list under `also`. */
const alsoIn = (list: Extract<Value, readonly unknown[]>): readonly Also[] =>
  list.filter((one) => typeof one === "object");

function alsoSql(also: Also, alias: string, { next, allowed }: ConditionOptions): string {
  if ("contains" in also) {
    const text = next();
    return `(${also.anyOf.map((one) => `${alias}."${one}" ILIKE ${text}`).join(" OR ")})`;
  }
  if ("json" in also) return `${alias}."${also.json}"->>'${also.key}' = ${next()}`;
  if ("between" in also) {
    const columns = [also.between].flat().map((column) => `${alias}."${column}"`);
    const time = columns.length > 1 ? `coalesce(${columns.join(", ")})` : columns.join();
    const from = also.from ? [`${time} >= ${next()}::timestamp`] : [];
    const to = also.to ? [`${time} < ${next()}::timestamp`] : [];
    return [...from, ...to].join(" AND ") || "true";
  }
  const related = `${alias}s`;
  const all = [
    `${related}."${also.theirs}" = ${alias}."${also.ours}"`,
    conditionOf(also.where, related, { next, allowed }),
    ...(also.rights ? [rightsOn(related, also.rights, allowed)] : []),
  ];
  return `EXISTS (SELECT 1 FROM "${also.table}" ${related} WHERE ${all.join(" AND ")})`;
}

function rightsOn(alias: string, rights: readonly Right[], allowed: Rights["allowed"] | undefined): string {
  if (!allowed) throw new Error("A condition with rights needs a caller");
  return allowed(rights, alias);
}
