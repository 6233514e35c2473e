import { z } from "zod";
import { assertAdminStays } from "../../access/assertAdminStays.ts";
import type { Context } from "../../access/context.ts";
import { ruleOf } from "../../access/reach.ts";
import { roleDefinitions } from "../../access/roleDefinitions.ts";
import type { Level } from "../../access/roles.ts";
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
 * Admin, for the last admin of a Workspace and for the last Owner of an Organization. A Deployment may lose its last admin, because Workspace Admins act as its
 * admins.
 */
export async function removeUser(ctx: Context, input: unknown): Promise<void> {
  const { id, argument } = userToRemove(input);
  await ctx.db.$transaction(async (tx) => {
    const username = await deleteUser(tx, id, argument);
    await recordAudit(ctx, tx, { action: "removeUser", entityType: "User", entityId: id, detail: { username } });
  });
}

/** Deletes a user, and returns their username. Throws the errors of `removeUser`. */
export async function deleteUser(tx: Prisma.TransactionClient, id: string, argument: string): Promise<string> {
  await lockAllRows(tx, id, argument);
  await assertAdminStays(tx, {}, id, argument);
  for (const [level, named] of keptAdmins) await assertAdminsStay(tx, id, { level, named, argument });
  const { username } = await tx.user.delete({ where: { id }, select: { username: true } });
  return username;
}

/** Locks in the same order as password changes and confirmations, to prevent deadlocks. */
async function lockAllRows(tx: Prisma.TransactionClient, id: string, argument: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ${id} FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM "Email" WHERE "userId" = ${id} ORDER BY id FOR UPDATE`;
  const [user] = await tx.$queryRaw<unknown[]>`SELECT id FROM "User" WHERE id = ${id} FOR UPDATE`;
  if (!user) throw userNotFound(argument);
}

/** The levels whose scopes each keep an admin, and the column with the name of such a scope. */
const keptAdmins = [
  ["WORKSPACE", "label"],
  ["ORGANIZATION", "name"],
] as const;

/** Throws CONFLICT if the user is the last admin of a scope of the level. Locks the role bindings of its admins. */
async function assertAdminsStay(
  tx: Prisma.TransactionClient,
  userId: string,
  { level, named, argument }: { level: Level; named: string; argument: string },
): Promise<void> {
  const { admin, stored } = ruleOf(level);
  const held = `FROM "RoleBinding" WHERE role = '${admin}' AND "userId"`;
  const admins = await tx.$queryRawUnsafe<{ scopeId: string; userId: string }[]>(
    `SELECT "${stored?.column}" AS "scopeId", "userId" ${held} IS NOT NULL
      AND "${stored?.column}" IN (SELECT "${stored?.column}" ${held} = $1) ORDER BY id FOR UPDATE`,
    userId,
  );
  const kept = new Set(admins.filter((one) => one.userId !== userId).map(({ scopeId }) => scopeId));
  const lost = admins.map(({ scopeId }) => scopeId).filter((scopeId) => !kept.has(scopeId));
  if (lost.length === 0) return;
  const scopes = await tx.$queryRawUnsafe<{ name: string }[]>(
    `SELECT "${named}" AS name FROM "${stored?.table}" WHERE id = ANY($1) ORDER BY 1`,
    lost,
  );
  const names = scopes.map(({ name }) => name).join(", ");
  throw new AppError(
    "CONFLICT",
    `${argument}: the user is the last ${roleDefinitions[admin].name} of ${names}; add another one first`,
    argument,
  );
}
