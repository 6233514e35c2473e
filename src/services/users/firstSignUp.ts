import type { Prisma } from "../../generated/prisma/client.ts";

/** True once somebody has signed up. One look at an index, whatever the number of users. */
export async function hasUsers(db: Pick<Prisma.TransactionClient, "$queryRaw">): Promise<boolean> {
  const [row] = await db.$queryRaw<{ found: boolean }[]>`SELECT EXISTS (SELECT 1 FROM "User") AS found`;
  return row?.found ?? false;
}

/**
 * True for the one transaction that may make the first user. While there is none, sign-ups queue up here for the
 * Platform row: of fifty at once each looks again after the one before it has ended.
 */
export async function isFirstSignUp(tx: Prisma.TransactionClient): Promise<boolean> {
  if (await hasUsers(tx)) return false;
  await tx.$queryRaw`SELECT id FROM "Platform" FOR UPDATE`;
  return !(await hasUsers(tx));
}
