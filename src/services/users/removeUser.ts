import { z } from "zod";
import { assertAdminStays } from "../../access/assertAdminStays.ts";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { userNotFound } from "./lockUser.ts";

const Id = optional(z.string("must be an ID"));
const Input = z.object({ userUuid: Id, id: Id });

/** The given ID, and which of the two arguments it is from. Throws BAD_USER_INPUT for none and for two different ones. */
export function userToRemove(input: unknown): { id: string; argument: string } {
  const { userUuid, id } = parse(Input, input);
  if (userUuid !== undefined && id !== undefined && userUuid !== id) {
    throw badInput("userUuid, id", "must not be IDs of two different users");
  }
  if (userUuid !== undefined) return { id: userUuid, argument: "userUuid" };
  if (id !== undefined) return { id, argument: "id" };
  throw badInput("userUuid, id", "one of them is required: the ID of a user");
}

/**
 * Removes a user with their addresses, roles and sessions. Throws NOT_FOUND for an unknown ID, CONFLICT for the last System
 * Admin and for the last admin of a Workspace. A Deployment may lose its last admin, because Workspace Admins act as its
 * admins.
 */
export async function removeUser(ctx: Context, input: unknown): Promise<void> {
  const { id, argument } = userToRemove(input);
  await ctx.db.$transaction(async (tx) => {
    await lockAllRows(tx, id, argument);
    await assertAdminStays(tx, {}, id, argument);
    await assertWorkspaceAdminsStay(tx, id, argument);
    const { username } = await tx.user.delete({ where: { id }, select: { username: true } });
    await recordAudit(ctx, tx, { action: "removeUser", entityType: "User", entityId: id, detail: { username } });
  });
}

/** Locks in the same order as password changes and confirmations, to prevent deadlocks. */
async function lockAllRows(tx: Prisma.TransactionClient, id: string, argument: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ${id} FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM "Email" WHERE "userId" = ${id} ORDER BY id FOR UPDATE`;
  const [user] = await tx.$queryRaw<unknown[]>`SELECT id FROM "User" WHERE id = ${id} FOR UPDATE`;
  if (!user) throw userNotFound(argument);
}

async function assertWorkspaceAdminsStay(
  tx: Prisma.TransactionClient,
  userId: string,
  argument: string,
): Promise<void> {
  const admins = await tx.$queryRaw<{ workspaceId: string; userId: string }[]>`SELECT "workspaceId", "userId"
    FROM "RoleBinding" WHERE role = 'WORKSPACE_ADMIN' AND "userId" IS NOT NULL AND "workspaceId" IN (
      SELECT "workspaceId" FROM "RoleBinding" WHERE "userId" = ${userId} AND role = 'WORKSPACE_ADMIN'
    ) ORDER BY id FOR UPDATE`;
  const kept = new Set(admins.filter((admin) => admin.userId !== userId).map(({ workspaceId }) => workspaceId));
  const lost = admins.map(({ workspaceId }) => workspaceId).filter((workspaceId) => !kept.has(workspaceId));
  if (lost.length === 0) return;
  const workspaces = await tx.workspace.findMany({ where: { id: { in: lost } }, orderBy: { label: "asc" } });
  const labels = workspaces.map(({ label }) => label).join(", ");
  throw new AppError(
    "CONFLICT",
    `${argument}: the user is the last Workspace Admin of ${labels}; add another one first`,
    argument,
  );
}
