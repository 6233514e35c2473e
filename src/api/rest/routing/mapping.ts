import type { z } from "zod";
import type { Table } from "../../../platform/database/columns.ts";
import type { Field } from "../../../query/entity.ts";

/** Where the value of a field comes from. */
export interface Mapped<T extends Table> {
  /** Where GraphQL shows the same, for the reader of the documentation. Markdown. */
  v1: string;
  /** How it is fetched; undefined for the column of its own name. */
  fetch?: Field<T>;
}

/** How each field of a schema maps to the GraphQL API and to the table. */
export type Mapping<Schema extends z.ZodObject, T extends Table> = {
  readonly [Name in keyof z.output<Schema>]-?: Mapped<T>;
};

/** The fields of a view, as its mapping says. */
export const fieldsIn = <T extends Table>(mapping: Readonly<Record<string, Mapped<T>>>): Record<string, Field<T>> =>
  Object.fromEntries(Object.entries(mapping).flatMap(([name, { fetch }]) => (fetch ? [[name, fetch]] : [])));
