import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";

/** A user that the transaction holds. */
export interface LockedUser {
  id: string;
  status: "pending" | "active";
}

/**
 * The user with an id or an address (in lower case), or undefined. Whoever changes a user's roles begins with this, so
 * that changes of one user happen one after the other. The password is locked before the user, as changing it does; and
 * whatever ends sessions holds it then.
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

/** The id of the user with an address (in lower case), or undefined. Locks nothing. */
export async function idBy(tx: Prisma.TransactionClient, address: string): Promise<string | undefined> {
  return (await tx.email.findUnique({ where: { address }, select: { userId: true } }))?.userId;
}

/** The user that an address names, locked. An id beside it must name the same one, else BAD_USER_INPUT. */
export async function lockNamed(
  tx: Prisma.TransactionClient,
  { id, email }: { id: string | undefined; email: string },
  argument: string,
): Promise<LockedUser | undefined> {
  const user = await lockUser(tx, { email });
  if (user && id !== undefined && id !== user.id) {
    throw badInput(argument, "names another user than email; give one of them, or both of the same user");
  }
  return user;
}

/** NOT_FOUND for a user that `argument` was to name. */
export const userNotFound = (argument: string) =>
  new AppError("NOT_FOUND", `${argument}: there is no such user`, argument);
