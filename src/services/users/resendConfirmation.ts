import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordUnknownUser } from "../../access/recordDenial.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { countMailRequest } from "./clientLimits.ts";
import { newConfirmation, queueConfirmation } from "./confirmation.ts";
import { countMail } from "./countMail.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";

const Input = z.object({ email: EmailAddress });

/**
 * Sends a new confirmation link to an address that is not verified; invalidates the previous link. Returns true for every
 * address, after the same time, so that it does not reveal which ones have signed up, also when the address has got too
 * many of these e-mails. Throws TOO_MANY_REQUESTS after too many requests from one client address.
 */
export async function resendConfirmation(ctx: Context, input: unknown): Promise<true> {
  assertLocalSignIn(ctx);
  const { email: address } = parse(Input, input);
  await countMailRequest(ctx);
  const mayMail = await countMail(ctx, "confirm", address);
  const found = await ctx.db.$transaction(async (tx) => {
    if (!mayMail) {
      await queueDecoyMail(tx);
      return false;
    }
    const { token, columns } = newConfirmation(ctx);
    const where = { address, verified: false };
    const [email] = await tx.email.updateManyAndReturn({ where, data: columns, select: { userId: true } });
    await (email ? queueConfirmation(ctx, tx, address, token) : queueDecoyMail(tx));
    if (!email) return false;
    await recordAudit(ctx, tx, { action: "resendConfirmation", entityType: "User", entityId: email.userId });
    return true;
  });
  if (mayMail && !found) recordUnknownUser(ctx, "resendConfirmation");
  return true;
}
