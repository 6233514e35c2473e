import type { Context } from "../../../access/context.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";

/** Moves a Deployment's `updatedAt` for a change that is stored in another table. Roles are no such change. */
export async function touchDeployment({ now }: Context, tx: Prisma.TransactionClient, id: string): Promise<void> {
  await tx.deployment.update({ where: { id }, data: { updatedAt: now() }, select: { id: true } });
}
