import type { Context } from "../context.ts";
import { entities } from "./entities.ts";
import type { EntityName } from "./entity.ts";
import { onRow } from "./json.ts";
import { conditionOf, valuesOf, type Where } from "./where.ts";

/** How many rows of an entity meet `where`. Asks nothing about the caller: the field's own permission has settled that. */
export async function count({ pool }: Context, name: EntityName, where: Where): Promise<number> {
  const { table, where: always = "true" } = entities[name];
  let params = 0;
  const condition = conditionOf(where, "t", () => `$${++params}`);
  const text = `SELECT count(*)::int AS count FROM "${table}" t WHERE ${condition} AND ${onRow(always, "t")}`;
  const { rows } = await pool.query<{ count: number }>(text, valuesOf(where));
  return rows[0]?.count ?? 0;
}
