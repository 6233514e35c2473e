import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";

/**
 * Throws WORKSPACE_SUSPENDED for everyone, including System Admins, while the Workspace is suspended. Locks the row until
 * the transaction ends: once suspendWorkspace has returned, no change that was in progress can still be committed.
 */
export async function assertNotSuspended(tx: Prisma.TransactionClient, workspaceId: string): Promise<void> {
  const [workspace] = await tx.$queryRaw<{ active: boolean }[]>`SELECT active FROM "Workspace"
    WHERE id = ${workspaceId} FOR SHARE`;
  if (workspace?.active === false) {
    throw new AppError(
      "WORKSPACE_SUSPENDED",
      "The Workspace is suspended: its Deployments cannot be changed until suspendWorkspace lifts the suspension",
    );
  }
}
