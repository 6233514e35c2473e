import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { badInput, forbidden } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { readOne, type Tree } from "../../query/read.ts";

const Text = optional(z.string("needs a text"));

const Input = z.object({
  where: z.object({ id: Text, address: optional(z.string("needs a text").trim().toLowerCase()), token: Text }),
});

/**
 * One address, by exactly one value. One's own, or any with system.users.get; null then when there is none. For everyone
 * else an address that is not theirs and one that does not exist are FORBIDDEN alike.
 */
export async function email(
  _: unknown,
  args: unknown,
  ctx: Context,
  info: GraphQLResolveInfo,
): Promise<Tree<"Email"> | null> {
  const { id, address, token } = parse(Input, args).where;
  const given = [id, address, token].filter((value) => value !== undefined);
  if (given.length !== 1) throw badInput("where", "needs exactly one of id, address and token");
  const confirmTokenHash = token === undefined ? undefined : hashOf(token);
  const row = await readOne(ctx, info, "Email", { id, address, confirmTokenHash }, { onlyVisible: true });
  if (row === null && !authorize(ctx.roles, ctx.caller, ["system.users.get"])) throw forbidden();
  return row;
}
