import type { Prisma } from "../../generated/prisma/client.ts";
import { NO_PASSWORD } from "../users/password.ts";

/** An account that the transaction has locked. */
export interface Account {
  id: string;
  status: "pending" | "active";
  /** The primary address. */
  address: string;
}

/**
 * Locks accounts with their passwords and addresses, in the order of password changes and confirmations, to prevent
 * deadlocks. An account that was just removed is omitted.
 */
export async function lockAccounts(tx: Prisma.TransactionClient, ids: readonly string[]): Promise<Account[]> {
  if (ids.length === 0) return [];
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ANY(${ids}) ORDER BY "userId" FOR NO KEY UPDATE`;
  const emails = await tx.$queryRaw<{ userId: string; address: string }[]>`SELECT "userId", address FROM "Email"
    WHERE "userId" = ANY(${ids}) ORDER BY "userId", "primary", id FOR NO KEY UPDATE`;
  const users = await tx.$queryRaw<Omit<Account, "address">[]>`SELECT id, status::text AS status FROM "User"
    WHERE id = ANY(${ids}) ORDER BY id FOR NO KEY UPDATE`;
  const primary = new Map(emails.map(({ userId, address }) => [userId, address]));
  return users.map((user) => ({ ...user, address: primary.get(user.id) ?? "" }));
}

/**
 * Removes those of the accounts that were never activated, have no password, and hold no role and no team: their link
 * stops working and their address is free again. Returns the removed ones. The accounts must be locked.
 */
export async function removeUnusedAccounts(
  tx: Prisma.TransactionClient,
  ids: readonly string[],
): Promise<{ id: string; username: string }[]> {
  return tx.$queryRaw`DELETE FROM "User" u WHERE u.id = ANY(${ids}) AND u.status = 'pending'
    AND NOT EXISTS (SELECT 1 FROM "RoleBinding" b WHERE b."userId" = u.id)
    AND NOT EXISTS (SELECT 1 FROM "TeamMember" m WHERE m."userId" = u.id)
    AND NOT EXISTS (SELECT 1 FROM "LocalCredential" c WHERE c."userId" = u.id AND c."passwordHash" <> ${NO_PASSWORD})
    RETURNING u.id, u.username`;
}
