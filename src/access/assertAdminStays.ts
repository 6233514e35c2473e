import type { Prisma } from "../generated/prisma/client.ts";
import { AppError } from "../platform/errors/appError.ts";

/** A scope that must keep an admin. */
export type AdminScope = { workspaceId: string } | { deploymentId: string } | "SYSTEM";

/**
 * Throws CONFLICT unless a user other than `userId` holds the admin role of the scope. Locks the scope's admin bindings
 * first, always in the same order, so that of fifty removals at once each sees what the one before it left.
 */
export async function assertAdminStays(
  tx: Prisma.TransactionClient,
  scope: AdminScope,
  userId: string,
  argument: string,
): Promise<void> {
  const admins = await lockAdmins(tx, scope);
  if (!admins.some((admin) => admin.userId === userId)) return;
  if (admins.some((admin) => admin.userId !== userId)) return;
  throw new AppError(
    "CONFLICT",
    `${argument}: this is the last ${nameOf(scope)}; make somebody else one first`,
    argument,
  );
}

const nameOf = (scope: AdminScope) =>
  scope === "SYSTEM" ? "System Admin" : "workspaceId" in scope ? "Workspace Admin" : "Deployment Admin";

function lockAdmins(tx: Prisma.TransactionClient, scope: AdminScope): Promise<{ userId: string }[]> {
  if (scope === "SYSTEM") {
    return tx.$queryRaw`SELECT "userId" FROM "RoleBinding"
      WHERE role = 'SYSTEM_ADMIN' AND "userId" IS NOT NULL ORDER BY id FOR UPDATE`;
  }
  if ("workspaceId" in scope) {
    return tx.$queryRaw`SELECT "userId" FROM "RoleBinding"
      WHERE "workspaceId" = ${scope.workspaceId} AND role = 'WORKSPACE_ADMIN' AND "userId" IS NOT NULL ORDER BY id FOR UPDATE`;
  }
  return tx.$queryRaw`SELECT "userId" FROM "RoleBinding"
    WHERE "deploymentId" = ${scope.deploymentId} AND role = 'DEPLOYMENT_ADMIN' AND "userId" IS NOT NULL ORDER BY id FOR UPDATE`;
}
