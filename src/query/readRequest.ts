import type { GraphQLSchema } from "graphql";
import type { Role, Roles } from "../access/roles.ts";
import type { CallerSql } from "./callerSql.ts";
import type { CountedPage } from "./countedPage.ts";
import type { EntityName } from "./entity.ts";
import type { Page } from "./page.ts";
import type { Selected } from "./selection.ts";
import type { AnyWhere } from "./where.ts";

/** What a read returns. */
export interface ReadRequest {
  entity: EntityName;
  fields: readonly Selected[];
  where: AnyWhere;
  /** A list, or the one row that meets `where`. */
  many: boolean;
  /** Omit rows that the caller may not see; false if the root field's own permission covers all rows. */
  onlyVisible: boolean;
  /** A part of the list. */
  page?: Page | undefined;
  /** A part of the list, with the number of its rows. */
  counted?: CountedPage | undefined;
  /** CTEs whose rows replace those of the tables: the rows that the same statement has written. */
  written?:
    | {
        row: string;
        related: { readonly [name in EntityName]?: string };
        /** Fields of the written row whose values the process computes; each is a parameter of its own. */
        computed?: readonly string[];
      }
    | undefined;
}

/** How a statement is compiled. */
export interface CompileOptions {
  schema: GraphQLSchema;
  roles: Roles;
  caller?: CallerSql;
  /** The statement returns something only to callers who hold one of these system roles: see rightsSql. */
  provenRoles?: ReadonlySet<Role>;
  /**
   * Build the whole response: include `__typename` and the selected part of plain objects. Otherwise the executor takes
   * those from the fetched tree. Throws NotInSql for a field that only JavaScript can compute.
   */
  complete?: boolean;
  /** Omit nullable fields that are null. Types of which all fields are nullable are not supported. */
  omitNull?: boolean;
}

/** The selection contains a field that SQL cannot compute. */
export class NotInSql extends Error {}
