import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { tooManyRequests } from "../../platform/errors/appError.ts";
import { countUse, countUses } from "./countUse.ts";

const HOUR = 60 * 60 * 1000;

/**
 * Counts an e-mail, whether or not anybody has the address. False after too many to it: then none is sent, and the
 * caller gets the usual answer.
 */
export async function countMail(
  ctx: Pick<Context, "config" | "now"> & { db: Pick<Prisma.TransactionClient, "$queryRaw"> },
  kind: "confirm" | "reset",
  address: string,
): Promise<boolean> {
  const max = ctx.config.auth.local.limits.mailsPerRecipient;
  return (await countUse(ctx, { what: `mail ${kind} to ${address}`, max, window: HOUR })) === 0;
}

/**
 * Counts an invitation. Throws TOO_MANY_REQUESTS after too many of one sender in a day, and after too many to one
 * address for the same scope in an hour.
 */
export async function countInvitation(
  ctx: Pick<Context, "caller" | "config" | "now">,
  tx: Pick<Prisma.TransactionClient, "$queryRaw">,
  { address, scope }: { address: string; scope: string },
): Promise<void> {
  const { mailsPerRecipient, invitationsPerSender } = ctx.config.auth.local.limits;
  const counting = { db: tx, now: ctx.now };
  const limits = [
    { what: `invitations to ${address} into ${scope}`, max: mailsPerRecipient, window: HOUR },
    { what: `invitations of ${ctx.caller.kind} ${ctx.caller.id}`, max: invitationsPerSender, window: 24 * HOUR },
  ];
  const wait = await countUses(counting, limits);
  if (wait > 0) throw tooManyRequests(wait);
}
