import type { Context } from "../../access/context.ts";
import { type Change, recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { lockKeyHolder, recordedIn } from "./keyHolder.ts";

interface Revocation {
  /** The account; `organizationId` is null for one that is no API key of an Organization. */
  id: string;
  organizationId: string | null;
  /** The argument with the ID. */
  argument: string;
  action: Change["action"];
  notFound(): Error;
}

/** Ends the grace time of a rotation now. Throws NOT_FOUND if no key from before one is valid any more. */
export async function revokePreviousKey(ctx: Context, revocation: Revocation): Promise<void> {
  const { id, argument, action } = revocation;
  await ctx.db.$transaction(async (tx) => {
    const account = await lockKeyHolder(tx, revocation);
    if (account.previousKeyExpiresAt === null || account.previousKeyExpiresAt <= ctx.now())
      throw new AppError("NOT_FOUND", `${argument}: it has no previous key that is still valid`, argument);
    await tx.serviceAccount.update({ where: { id }, data: noPreviousKey, select: { id: true } });
    await recordAudit(ctx, tx, recordedIn(account, { action }));
  });
}

const noPreviousKey = {
  previousKeyHash: null,
  previousKeyStart: null,
  previousKeyExpiresAt: null,
  previousKeyLastUsedAt: null,
};
