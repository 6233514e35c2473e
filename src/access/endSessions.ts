import type { Prisma } from "../generated/prisma/client.ts";

/** Ends every session of a user: each of their tokens is refused from the next request on. */
export async function endSessions(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.session.deleteMany({ where: { userId } });
}
