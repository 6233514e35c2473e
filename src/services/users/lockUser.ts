import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";

/** A user that the transaction has locked. */
export interface LockedUser {
  id: string;
  status: "pending" | "active";
}

/**
 * The user with an ID or an address (in lower case), locked, or undefined. Every change of a user's roles must start with
 * this, so that changes of one user are serialized. Locks the password before the user, in the order of password changes,
 * so that code that ends sessions already has the lock.
 */
export async function lockUser(
  tx: Prisma.TransactionClient,
  by: { id: string } | { email: string },
): Promise<LockedUser | undefined> {
  const id = "id" in by ? by.id : await idBy(tx, by.email);
  if (id === undefined) return undefined;
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ${id} FOR NO KEY UPDATE`;
  const [user] = await tx.$queryRaw<LockedUser[]>`SELECT id, status::text AS status FROM "User"
    WHERE id = ${id} FOR NO KEY UPDATE`;
  return user;
}

/** The ID of the user with an address (in lower case), or undefined. Locks nothing. */
export async function idBy(tx: Prisma.TransactionClient, address: string): Promise<string | undefined> {
  return (await tx.email.findUnique({ where: { address }, select: { userId: true } }))?.userId;
}

/**
 * The user with an address, locked. Throws BAD_USER_INPUT if an ID is also given that is not theirs, also for an address
 * that nobody has: the error does not tell whether somebody has it.
 */
export async function lockNamed(
  tx: Prisma.TransactionClient,
  { id, email }: { id: string | undefined; email: string },
  argument: string,
): Promise<LockedUser | undefined> {
  const user = await lockUser(tx, { email });
  if (id !== undefined && id !== user?.id) {
    throw badInput(argument, "must be the ID of the user given by email");
  }
  return user;
}

/** NOT_FOUND for the unknown user given by `argument`. */
export const userNotFound = (argument: string) => new AppError("NOT_FOUND", `${argument}: unknown user`, argument);
