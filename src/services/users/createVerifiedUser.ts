import type { Prisma } from "../../generated/prisma/client.ts";
import { emailConflict } from "./conflicts.ts";
import type { LockedUser } from "./lockUser.ts";

/**
 * An active user for an address that somebody vouches for: verified, no mail, no password until they choose one by
 * forgotPassword. Throws CONFLICT if the address is taken: the unique index decides.
 */
export async function createVerifiedUser(
  tx: Prisma.TransactionClient,
  address: string,
  fullName = "",
): Promise<LockedUser> {
  const emails = { create: { address, primary: true, verified: true } };
  const user = await tx.user
    .create({ data: { username: address, fullName, status: "active", emails }, select: { id: true } })
    .catch(emailConflict);
  return { id: user.id, status: "active" };
}
