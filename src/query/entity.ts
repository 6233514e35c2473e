import type { Context } from "../access/context.ts";
import type { EntityTables } from "../generated/entityTables.ts";
import type { Column, Table } from "../platform/database/columns.ts";
import type { Right } from "./rights.ts";

/** Types of schema.graphql whose rows the read module fetches: those with the name of a table, and `Group`. */
export type EntityName = keyof EntityTables;

/** The table of an entity. */
export type TableOf<Name extends EntityName> = EntityTables[Name];

/** How a field of a type is fetched. A field that is not listed is the column of its own name. */
export type Field<T extends Table = Table> =
  /** A column under another name. */
  | { column: Column<T> }
  /** An SQL expression with a type (`NULL::text`, not `NULL`); `$row` is the alias of the row, `$<name>` of a join. */
  | { sql: string; joins?: Joins }
  /** The same for JSON text. */
  | { json: string; joins?: Joins }
  /**
   * Computed in JavaScript from columns of the row and from the named SQL expressions in `and`. `shownTo`: null for callers
   * without one of these rights on the row.
   */
  | {
      from: readonly Column<T>[];
      and?: Record<string, string>;
      shownTo?: readonly Right<T>[];
      make(row: unknown, ctx: Context): unknown;
    }
  /** The row that `ours` references. `implied`: a caller who may see this row may see that one. */
  | { one: EntityName; ours: Column<T>; implied?: boolean }
  | { [Name in EntityName]: Many<Name> }[EntityName]
  /** An object of booleans: the caller's permissions on the row. */
  | { may: Record<string, readonly Right<T>[]> };

/**
 * The rows whose `theirs` is this row's ID, or that a row of `via` links to it; only rows of `via` that its `rights` allow
 * count. `first`: only the first row.
 */
interface Many<Name extends EntityName> {
  many: Name;
  theirs: Column<TableOf<Name>>;
  via?: { [Joining in Table]: Via<Joining> }[Table];
  implied?: boolean;
  first?: boolean;
}

interface Via<Joining extends Table> {
  table: Joining;
  ours: Column<Joining>;
  to: Column<Joining>;
  rights?: readonly Right<Joining>[];
}

/**
 * Rows of other tables whose columns the SQL of a field uses, by the name that it has for them: `$cluster."name"`. One
 * that several fields use is joined once. `id`: SQL for its ID, in which `$row` is the alias of the field's own row.
 */
export interface Joins {
  readonly [name: string]: { table: Table; id: string };
}

/** How rows of a type are fetched and who may see them. */
export interface Entity<T extends Table = Table> {
  table: T;
  /** Who may see a row reached by a path that does not imply it, and in lists open to everyone signed in. */
  visible: readonly Right<T>[];
  /** Columns of which exactly one is set. */
  subjects?: readonly Column<T>[];
  /** Columns holding the row's scope, for fields that carry `@auth`. */
  scope: { organization?: Column<T>; workspace?: Column<T>; deployment?: Column<T> };
  /** An SQL condition that every row must meet; `$row` is the alias of the row. */
  where?: string;
  /** SQL order of lists; `$row` is the alias of the row. */
  order: string;
  fields: Record<string, Field<T>>;
}
