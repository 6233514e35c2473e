import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import { authorize } from "../auth/authorize.ts";
import type { Context } from "../context.ts";
import { badInput, forbidden, parse } from "../errors.ts";
import { optional } from "../input.ts";
import { readOne, type Tree } from "../read/read.ts";
import { hashOf } from "../secrets.ts";

const Text = optional(z.string("needs a text"));

const Input = z.object({
  where: z.object({ id: Text, address: optional(z.string("needs a text").trim().toLowerCase()), token: Text }),
});

/**
 * One address, by exactly one value. One's own, or any with system.users.get; null then when there is none. For everyone
 * else an address that is not theirs and one that does not exist are FORBIDDEN alike.
 */
export async function email(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree | null> {
  const { id, address, token } = parse(Input, args).where;
  const given = [id, address, token].filter((value) => value !== undefined);
  if (given.length !== 1) throw badInput("where", "needs exactly one of id, address and token");
  const confirmTokenHash = token === undefined ? undefined : hashOf(token);
  const row = await readOne(ctx, info, "Email", { id, address, confirmTokenHash }, { onlyVisible: true });
  if (row === null && !authorize(ctx.roles, ctx.caller, ["system.users.get"])) throw forbidden();
  return row;
}
