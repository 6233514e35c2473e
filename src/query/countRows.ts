import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../access/context.ts";
import type { EntityName, TableOf } from "./entity.ts";
import { entityOf } from "./entityOf.ts";
import { onRow } from "./json.ts";
import { conditionOf, valuesOf, type Where } from "./where.ts";

/** The number of rows of a type that meet `where`, visible or not: for lists whose root field has checked the permission. */
export async function countRows<Name extends EntityName>(
  { pool }: Context,
  { schema }: Pick<GraphQLResolveInfo, "schema">,
  name: Name,
  where: Where<TableOf<Name>>,
): Promise<number> {
  const entity = entityOf(schema, name);
  let params = 0;
  const conditions = [conditionOf(where, "t", { next: () => `$${++params}` })];
  if (entity.where) conditions.push(onRow(entity.where, "t"));
  const text = `SELECT count(*)::int AS count FROM "${entity.table}" t WHERE ${conditions.join(" AND ")}`;
  const { rows } = await pool.query<{ count: number }>({ text, values: valuesOf(where) });
  return rows[0]?.count ?? 0;
}
