import type { Prisma } from "../../generated/prisma/client.ts";
import { emailConflict } from "./conflicts.ts";
import type { LockedUser } from "./lockUser.ts";
import { usernameKey } from "./usernameKey.ts";

/**
 * Creates an active user with a verified address, without an e-mail and without a password; they can set one with
 * forgotPassword. Until then the address is not proven. Throws CONFLICT if the address is already in use: the unique
 * index decides.
 */
export async function createVerifiedUser(
  tx: Prisma.TransactionClient,
  address: string,
  fullName = "",
): Promise<LockedUser> {
  const emails = { create: { address, primary: true, verified: true } };
  const user = await tx.user
    .create({
      data: { username: address, usernameKey: usernameKey(address), fullName, status: "active", emails },
      select: { id: true },
    })
    .catch(emailConflict);
  return { id: user.id, status: "active" };
}
