import type { Prisma } from "../../generated/prisma/client.ts";

/** True if there are users. Reads one index entry, regardless of the number of users. */
export async function hasUsers(db: Pick<Prisma.TransactionClient, "$queryRaw">): Promise<boolean> {
  const [row] = await db.$queryRaw<{ found: boolean }[]>`SELECT EXISTS (SELECT 1 FROM "User") AS found`;
  return row?.found ?? false;
}

/**
 * True for the one transaction that may create the first user. Until then, concurrent sign-ups wait for the lock of the
 * Platform row, and each checks again once the previous one has ended.
 */
export async function isFirstSignUp(tx: Prisma.TransactionClient): Promise<boolean> {
  if (await hasUsers(tx)) return false;
  await tx.$queryRaw`SELECT id FROM "Platform" FOR UPDATE`;
  return !(await hasUsers(tx));
}
