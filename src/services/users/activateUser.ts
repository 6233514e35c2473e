import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { acceptInvites, bindInvites } from "./acceptInvites.ts";

/**
 * What follows when an address is proven to be its user's: it is verified, tokens that wait for that are void, the user
 * is active, and the address's open invitations are theirs.
 */
export async function activateUser(
  ctx: Pick<Context, "now">,
  tx: Prisma.TransactionClient,
  { userId, address }: { userId: string; address: string },
): Promise<void> {
  const invites = await acceptInvites(tx, address, ctx.now());
  await tx.email.update({
    where: { address },
    data: { verified: true, confirmTokenHash: null, confirmTokenExpiresAt: null },
  });
  await tx.user.update({ where: { id: userId }, data: { status: "active" } });
  await bindInvites(tx, userId, invites);
}
