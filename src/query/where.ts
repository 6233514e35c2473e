import type { Column, Comparable, Table } from "../platform/database/columns.ts";
import type { Right, Rights } from "./rights.ts";

/** A condition on a row of a table: columns equal to values (null: is null; a list: to one of them), and `also`. All must hold. */
export type Where<T extends Table> = {
  readonly [Name in Column<T>]?: Comparable<T, Name> | readonly (Comparable<T, Name> & string)[] | undefined;
} & { readonly also?: readonly (Also<T> | undefined)[] | undefined };

/** A condition that is not the equality of a column. */
export type Also<T extends Table = Table> = { [Related in Table]: Some<T, Related> }[Table] | Contains<T> | InJson<T>;

/** One of the columns holds the text somewhere, in upper or lower case. */
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

/** Some row of `table` whose `theirs` equals our `ours` meets `where`, and `rights` where they are given. */
export interface Some<T extends Table, Related extends Table> {
  table: Related;
  theirs: Column<Related>;
  ours: Column<T>;
  where: Where<Related>;
  /** What the caller must be allowed about that row; one list for each place that asks, as it is no part of the shape. */
  rights?: readonly Right<Related>[];
}

/** A condition that a function returns as `Given`: unlike an argument, that could have more names than its type says. */
export type Returned<Given, T extends Table> = Given &
  Where<T> & { readonly [Name in Exclude<NameIn<Given>, keyof Where<T>>]?: never };

type NameIn<Given> = Given extends unknown ? keyof Given : never;

/** A condition on a row of whatever table. */
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

/** What tells two conditions' SQL apart: their columns and the kind of each value, never the values. */
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
  return `{${also.table}.${also.theirs}=${also.ours} ${shapeOf(also.where)}}`;
}

/** The values of a condition in the order its placeholders were given out. */
export const valuesOf = (where: AnyWhere): unknown[] =>
  Object.entries(where).flatMap(([column, value]) => {
    if (value === undefined || value === null) return [];
    if (isList(value)) return column === "also" ? alsoIn(value).flatMap(alsoValues) : [value];
    // Columns hold UTC without saying so; a Date would arrive in the process's own time zone.
    return [value instanceof Date ? value.toISOString() : value];
  });

function alsoValues(also: Also): unknown[] {
  if ("contains" in also) return [`%${also.contains.replaceAll(/[\\%_]/g, "\\$&")}%`];
  return "json" in also ? [also.equals] : valuesOf(also.where);
}

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
export function conditionOf(where: AnyWhere, alias: string, making: Making): string {
  const parts = Object.entries(where).flatMap(([column, value]) => {
    if (value === undefined) return [];
    if (value === null) return [`${alias}."${column}" IS NULL`];
    if (isList(value)) {
      if (column === "also") return alsoIn(value).map((also) => alsoSql(also, alias, making));
      return [`${alias}."${column}" = ANY(${making.next()})`];
    }
    const placeholder = making.next();
    making.equal?.(column, placeholder);
    return [`${alias}."${column}" = ${placeholder}`];
  });
  return parts.length === 0 ? "true" : parts.join(" AND ");
}

/** The conditions of the list under `also`. */
const alsoIn = (list: Extract<Value, readonly unknown[]>): readonly Also[] =>
  list.filter((one) => typeof one === "object");

function alsoSql(also: Also, alias: string, { next, allowed }: Making): string {
  if ("contains" in also) {
    const text = next();
    return `(${also.anyOf.map((one) => `${alias}."${one}" ILIKE ${text}`).join(" OR ")})`;
  }
  if ("json" in also) return `${alias}."${also.json}"->>'${also.key}' = ${next()}`;
  const there = `${alias}s`;
  const all = [
    `${there}."${also.theirs}" = ${alias}."${also.ours}"`,
    conditionOf(also.where, there, { next, allowed }),
    ...(also.rights ? [rightsOn(there, also.rights, allowed)] : []),
  ];
  return `EXISTS (SELECT 1 FROM "${also.table}" ${there} WHERE ${all.join(" AND ")})`;
}

function rightsOn(alias: string, rights: readonly Right[], allowed: Rights["allowed"] | undefined): string {
  if (!allowed) throw new Error("A condition asks for rights where nobody calls");
  return allowed(rights, alias);
}
