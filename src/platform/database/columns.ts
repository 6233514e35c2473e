import type { Prisma } from "../../generated/prisma/client.ts";

type Models = Prisma.TypeMap["model"];

/** A table of prisma/schema.prisma. */
export type Table = Prisma.ModelName;

/** A column of a table; of several tables, a column of any of them. */
export type Column<T extends Table = Table> = T extends Table ? keyof Models[T]["fields"] & string : never;

/** The types that a condition can compare a column with. */
export type Comparable<T extends Table, Name extends Column<T>> = Extract<
  Models[T]["payload"]["scalars"][Name & keyof Models[T]["payload"]["scalars"]],
  string | number | boolean | Date | null
>;
