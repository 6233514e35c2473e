import type { GraphQLSchema } from "graphql";
import type { Context } from "../access/context.ts";
import { AppError, type ExistingRow } from "../platform/errors/appError.ts";
import { knownCallerValues } from "./callerSql.ts";
import { compile } from "./compile.ts";
import type { EntityName, TableOf } from "./entity.ts";
import { type AnyWhere, valuesOf, type Where } from "./where.ts";

/** Describes the row that a CONFLICT is about, for `withExistingId`. */
export const existing = <Name extends EntityName>(entity: Name, where: Where<TableOf<Name>>): ExistingRow => ({
  entity,
  where: where as AnyWhere,
});

/**
 * The error with the ID of the row it is about, if the caller may see that row as in lists. Looked up when the
 * transaction that failed has ended, so that a request never holds two connections.
 */
export async function withExistingId(error: unknown, ctx: Context, schema: GraphQLSchema): Promise<unknown> {
  if (!(error instanceof AppError) || !error.existing || ctx.caller.kind === "anonymous") return error;
  const { entity, where } = error.existing as { entity: EntityName; where: AnyWhere };
  // A condition without a value would be met by any row.
  if (Object.values(where).includes(undefined)) return error;
  const fields = [{ key: "id", name: "id", args: {}, fields: [] }];
  const text = compile({ schema, roles: ctx.roles }, { entity, fields, where, many: false, onlyVisible: true });
  const values = [...knownCallerValues(ctx.caller), ...valuesOf(where)];
  // Without the lookup, the error is still the one to report.
  const result = await ctx.pool.query<{ data: { id: string } | null }>({ text, values }).catch(() => undefined);
  const found = result?.rows[0]?.data?.id;
  return found === undefined ? error : new AppError(error.code, error.message, error.argument, { id: found });
}
