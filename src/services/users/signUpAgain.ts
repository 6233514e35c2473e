import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { requestConfirmation } from "./confirmation.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";
import { queueResetOf } from "./queueReset.ts";

/** Runs `store`, and undoes only what it wrote if the address is already in use; then returns undefined. */
export async function unlessInUse<T>(tx: Prisma.TransactionClient, store: () => Promise<T>): Promise<T | undefined> {
  await tx.$executeRaw`SAVEPOINT "signUp"`;
  try {
    return await store();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "CONFLICT" || error.argument !== "email") throw error;
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT "signUp"`;
    return undefined;
  }
}

/**
 * Tells the owner of an address, instead of whoever signed up with it again, that it has an account: by an e-mail with a
 * link that sets a new password, or that confirms the address if it has not been confirmed.
 */
export async function mailOwner(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { address, mayMail }: { address: string; mayMail: boolean },
): Promise<void> {
  // One statement, so that this takes no more of them than a sign-up with an unknown address.
  const email = await tx.email.findUnique({
    where: { address },
    select: {
      userId: true,
      primary: true,
      user: { select: { id: true, username: true, fullName: true, status: true } },
    },
  });
  const to = mayMail ? email : null;
  if (to?.user.status === "pending") await requestConfirmation(ctx, tx, address);
  else if (to?.user.status === "active" && to.primary) {
    await queueResetOf(ctx, tx, to.user, { address, template: "exists" });
  } else await queueDecoyMail(tx);
  if (!email) return;
  await recordAudit(ctx, tx, {
    action: "signUpAgain",
    entityType: "User",
    entityId: email.userId,
    detail: { email: address },
  });
}
