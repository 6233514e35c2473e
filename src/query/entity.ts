import type { Context } from "../access/context.ts";
import type { Prisma } from "../generated/prisma/client.ts";
import type { Right } from "./rights.ts";

/** Types of schema.graphql whose rows the read module fetches. */
export type EntityName =
  | "User"
  | "Email"
  | "Workspace"
  | "Deployment"
  | "RoleBinding"
  | "ServiceAccount"
  | "Invite"
  | "Cluster"
  | "EnvironmentVariable"
  | "Team"
  | "Group";

/** Columns of a table, checked against prisma/schema.prisma. */
export type Column<Table extends Prisma.ModelName> = keyof Prisma.TypeMap["model"][Table]["fields"] & string;

/** How a field of a type is fetched. A field that is not listed is the column of its own name. */
export type Field<Col extends string = string> =
  /** A column under another name. */
  | { column: Col }
  /** An SQL expression of a definite type (`NULL::text`, not `NULL`); `$row` stands for the row. */
  | { sql: string }
  /** Made in JavaScript from columns of the row, and from the SQL expressions in `and`, by their names. */
  | { from: readonly Col[]; and?: Record<string, string>; make: (row: never, ctx: Context) => unknown }
  /** The row that `ours` points at. `implied`: who may see this row may see that one. */
  | { one: EntityName; ours: Col; implied?: boolean }
  /**
   * The rows whose `theirs` is our id, or that a row of `via` joins to it; only rows of `via` that its `rights` show count.
   * `first` takes only the first of them.
   */
  | {
      many: EntityName;
      theirs: string;
      via?: { table: string; ours: string; to: string; rights?: readonly Right[] };
      implied?: boolean;
      first?: boolean;
    }
  /** An object of booleans: what the caller may do with the row. */
  | { may: Record<string, readonly Right[]> };

/** How rows of a type are fetched and who may see them. */
export interface Entity<Col extends string = string> {
  table: Prisma.ModelName;
  /** Who may see a row reached by a path that does not imply it, and in lists open to everyone signed in. */
  visible: readonly Right[];
  /** Columns of which exactly one is set. */
  subjects?: readonly Col[];
  /** Columns holding the row's scope, for fields that carry `@auth`. */
  scope: { workspace?: Col; deployment?: Col };
  /** An SQL condition every row must meet; `$row` stands for the row. */
  where?: string;
  /** SQL order of lists; `$row` stands for the row. */
  order: string;
  fields: Record<string, Field<Col>>;
}

/** Checks an entity's columns against its table. */
export const entity = <Table extends Prisma.ModelName>(definition: Entity<Column<Table>> & { table: Table }): Entity =>
  definition;
