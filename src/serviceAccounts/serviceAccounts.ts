import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { optional } from "../input.ts";
import { readMany, readOne, type Tree } from "../read/read.ts";
import { accountNotFound, EntityType, type Home, homeOf } from "./serviceAccount.ts";

const Input = z.object({
  serviceAccountUuid: optional(z.string("needs an id")),
  entityType: EntityType,
  entityUuid: optional(z.string("needs an id")),
});

/** The accounts of one level, or the one of them that is named. Throws NOT_FOUND when that one does not live there. */
export async function serviceAccounts(ctx: Context, input: unknown, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { serviceAccountUuid, entityType, entityUuid } = parse(Input, input);
  const where = { ...homeOf(entityType, entityUuid), id: serviceAccountUuid };
  const rows = await readMany(ctx, info, "ServiceAccount", where);
  if (serviceAccountUuid !== undefined && rows.length === 0) throw accountNotFound();
  return rows;
}

/** One account, which must live in `home` where that is given. Throws NOT_FOUND otherwise. */
export async function serviceAccount(ctx: Context, info: GraphQLResolveInfo, id: string, home?: Home): Promise<Tree> {
  const row = await readOne(ctx, info, "ServiceAccount", { ...home, id });
  if (!row) throw accountNotFound();
  return row;
}
