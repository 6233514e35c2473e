import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordUnknownUser } from "../../access/recordDenial.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { countMailRequest } from "./clientLimits.ts";
import { countMail } from "./countMail.ts";
import { assertDomainHasPasswords, assertLocalSignIn } from "./localSignIn.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";
import { queueReset } from "./queueReset.ts";

const Input = z.object({ email: EmailAddress });

/**
 * Sends a link for setting a password to the primary address of an active user, with or without a password; invalidates
 * the previous link. Returns true for every address, after the same time, so that it does not reveal which ones exist,
 * also when the address has got too many of these e-mails. Throws TOO_MANY_REQUESTS after too many requests from one
 * client address.
 */
export async function forgotPassword(ctx: Context, input: unknown): Promise<true> {
  assertLocalSignIn(ctx);
  const { email: address } = parse(Input, input);
  // Whether or not somebody has it.
  assertDomainHasPasswords(ctx, { addresses: [address] });
  await countMailRequest(ctx);
  const mayMail = await countMail(ctx, "reset", address);
  const userId = await ctx.db.$transaction(async (tx) => {
    if (!mayMail) {
      await queueDecoyMail(tx);
      return undefined;
    }
    const found = await queueReset(ctx, tx, { address, template: "reset" });
    if (found) await recordAudit(ctx, tx, { action: "forgotPassword", entityType: "User", entityId: found });
    return found;
  });
  if (mayMail && !userId) recordUnknownUser(ctx, "forgotPassword");
  return true;
}
