import type { Prisma } from "../generated/prisma/client.ts";

/** Ends every session of a user: their tokens are rejected from the next request on. */
export async function endSessions(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.session.deleteMany({ where: { userId } });
}
