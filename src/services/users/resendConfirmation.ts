import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { newConfirmation, queueConfirmation } from "./confirmation.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";

const Input = z.object({ email: EmailAddress });

/**
 * Sends a new confirmation link to an address that is not verified; invalidates the previous link. Returns true for every
 * address, after the same time, so that it does not reveal which ones have signed up.
 */
export async function resendConfirmation(ctx: Context, input: unknown): Promise<true> {
  assertLocalSignIn(ctx);
  const { email: address } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const { token, columns } = newConfirmation(ctx);
    const { count } = await tx.email.updateMany({ where: { address, verified: false }, data: columns });
    await (count > 0 ? queueConfirmation(ctx, tx, address, token) : queueDecoyMail(tx));
  });
  return true;
}
