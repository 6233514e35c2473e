import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { acceptInvites, bindInvites } from "./acceptInvites.ts";
import { discardPassword } from "./discardPassword.ts";

/** An address to mark as verified, and when the password of its user was chosen. */
interface Activation {
  userId: string;
  address: string;
  /** "now": by whoever has the link that was sent to the address. "before": possibly by someone who only knows it. */
  password: "now" | "before";
}

/**
 * Marks an address as verified and proven: invalidates its confirmation token, activates its user, and accepts its open
 * invitations, which wait while `userManagement.enabled` is false. What others gave to the address does not go to
 * whoever chose a password before the address was proven: then the password is discarded, and the owner gets a link for
 * a new one. Nor does the account stay that of whoever signed in with an identity provider before: with a password that
 * is discarded or new, the accounts at providers are removed.
 */
export async function activateUser(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, address, password }: Activation,
): Promise<void> {
  const invites = ctx.config.userManagement.enabled ? await acceptInvites(tx, address, ctx.now()) : [];
  const before = await tx.email.findUniqueOrThrow({
    where: { address },
    select: {
      proven: true,
      user: { select: { status: true, _count: { select: { roleBindings: true, teams: true } } } },
    },
  });
  await tx.email.update({
    where: { address },
    data: { verified: true, proven: true, confirmTokenHash: null, confirmTokenExpiresAt: null },
  });
  await tx.user.update({ where: { id: userId }, data: { status: "active" } });
  await bindInvites(ctx, tx, { userId, address }, invites);
  if (before.proven) return;
  const { status, _count: held } = before.user;
  const wasGiven = invites.length > 0 || (status === "pending" && held.roleBindings + held.teams > 0);
  if (password === "before" && !wasGiven) return;
  await tx.identity.deleteMany({ where: { userId } });
  if (password === "before") await discardPassword(ctx, tx, { userId, address });
}
