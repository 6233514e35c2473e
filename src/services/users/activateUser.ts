import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { acceptInvites, bindInvites } from "./acceptInvites.ts";

/**
 * Marks an address as verified: invalidates its confirmation token, activates its user, and accepts its open
 * invitations, which wait while `userManagement.enabled` is false.
 */
export async function activateUser(
  ctx: Pick<Context, "now" | "config">,
  tx: Prisma.TransactionClient,
  { userId, address }: { userId: string; address: string },
): Promise<void> {
  const invites = ctx.config.userManagement.enabled ? await acceptInvites(tx, address, ctx.now()) : [];
  await tx.email.update({
    where: { address },
    data: { verified: true, confirmTokenHash: null, confirmTokenExpiresAt: null },
  });
  await tx.user.update({ where: { id: userId }, data: { status: "active" } });
  await bindInvites(tx, userId, invites);
}
