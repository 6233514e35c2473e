import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { badInput, forbidden } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { AddressToFind } from "../../platform/input/emailAddress.ts";
import { optional } from "../../platform/input/input.ts";
import { MailToken } from "../../platform/mail/tokenFrom.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { readOne, type Tree } from "../../query/read.ts";

const Text = optional(z.string("must be a string"));

const Input = z.object({
  where: z.object({
    id: Text,
    address: optional(AddressToFind),
    token: optional(MailToken("must be the token from the e-mail")),
  }),
});

/**
 * One address, by exactly one value: the caller's own, or any with system.users.get, which returns null if there is
 * none. For other callers, both an address of another user and one that does not exist throw FORBIDDEN.
 */
export async function email(
  _: unknown,
  args: unknown,
  ctx: Context,
  info: GraphQLResolveInfo,
): Promise<Tree<"Email"> | null> {
  const { id, address, token } = parse(Input, args).where;
  const given = [id, address, token].filter((value) => value !== undefined);
  if (given.length !== 1) throw badInput("where", "must contain exactly one of id, address and token");
  const confirmTokenHash = token === undefined ? undefined : hashOf(token);
  const sees = authorize(ctx.roles, ctx.caller, ["system.users.get"]);
  const where = { id, address, confirmTokenHash, ...(sees ? {} : { userId: ctx.caller.id }) };
  const row = await readOne(ctx, info, "Email", where, { onlyVisible: true });
  if (row === null && !sees) throw forbidden(["system.users.get"]);
  return row;
}
