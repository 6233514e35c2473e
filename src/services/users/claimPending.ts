import type { Prisma } from "../../generated/prisma/client.ts";
import { usernameConflict } from "./conflicts.ts";
import { idBy, type LockedUser } from "./lockUser.ts";

/**
 * Locks the user with an address, in the order of password changes and confirmations; undefined for an unknown address.
 */
export async function lockByAddress(tx: Prisma.TransactionClient, address: string): Promise<LockedUser | undefined> {
  const id = await idBy(tx, address);
  if (id === undefined) return undefined;
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ${id} FOR NO KEY UPDATE`;
  await tx.$queryRaw`SELECT id FROM "Email" WHERE "userId" = ${id} ORDER BY id FOR NO KEY UPDATE`;
  const [user] = await tx.$queryRaw<LockedUser[]>`SELECT id, status::text AS status FROM "User"
    WHERE id = ${id} FOR NO KEY UPDATE`;
  return user;
}

/**
 * Gives a pending account, which must be locked, to the owner of its address, who has the link of an invitation.
 * Nothing that was chosen before counts: name, profile, password and links are replaced. Throws CONFLICT for a username
 * that is already in use.
 */
export async function claimPending(
  tx: Prisma.TransactionClient,
  {
    id,
    address,
    data,
    passwordHash,
  }: { id: string; address: string; data: Prisma.UserUpdateInput; passwordHash: string },
): Promise<{ id: string }> {
  await tx.user.update({ where: { id }, data, select: { id: true } }).catch(usernameConflict("username"));
  await tx.email.update({
    where: { address },
    data: { verified: true, proven: true, confirmTokenHash: null, confirmTokenExpiresAt: null },
    select: { id: true },
  });
  const password = { passwordHash, resetTokenHash: null, resetTokenExpiresAt: null };
  await tx.localCredential.upsert({ where: { userId: id }, create: { userId: id, ...password }, update: password });
  return { id };
}
