import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { assertTrusted } from "./assertTrusted.ts";

/**
 * Locks users in the same order as users/lockUser.ts and by ascending ID, so that concurrent changes of many users
 * cannot deadlock. Returns the IDs that exist.
 */
export async function lockUsers(tx: Prisma.TransactionClient, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ANY(${ids}::text[])
    ORDER BY "userId" FOR NO KEY UPDATE`;
  const users = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM "User" WHERE id = ANY(${ids}::text[])
    ORDER BY id FOR NO KEY UPDATE`;
  return new Set(users.map(({ id }) => id));
}

/** Throws BAD_USER_INPUT, naming the IDs, unless each of them is in `known`. */
export function assertKnown(known: ReadonlySet<string>, ids: readonly string[], argument: string): void {
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw badInput(argument, `unknown user ID ${unknown.slice(0, 5).join(", ")}`);
}

/** The IDs of a team's members. */
export async function memberIds(tx: Prisma.TransactionClient, teamId: string): Promise<string[]> {
  const members = await tx.teamMember.findMany({
    where: { teamId },
    select: { userId: true },
    orderBy: { userId: "asc" },
  });
  return members.map(({ userId }) => userId);
}

/**
 * Adds locked users to a team. Throws BAD_USER_INPUT for pending ones, whose address may be someone else's, and for a
 * team with a system role unless they may hold it.
 */
export async function addMembers(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { id: teamId, hasSystemRole }: { id: string; hasSystemRole: boolean },
  userIds: readonly string[],
  argument: string,
): Promise<void> {
  if (userIds.length === 0) return;
  const pending = await tx.user.findFirst({
    where: { id: { in: [...userIds] }, status: "pending" },
    select: { id: true },
  });
  if (pending) throw badInput(argument, `the user ${pending.id} has not confirmed their e-mail address yet`);
  if (hasSystemRole) await assertTrusted(ctx, tx, userIds, argument);
  await tx.teamMember.createMany({ data: userIds.map((userId) => ({ teamId, userId })) });
}

/** Ends every session of all members of a team. */
export const endMemberSessions = async (tx: Prisma.TransactionClient, teamId: string): Promise<void> =>
  endSessionsOf(tx, await memberIds(tx, teamId));

/** Ends every session of the users. */
export async function endSessionsOf(tx: Prisma.TransactionClient, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  await lockUsers(tx, userIds);
  await tx.$executeRaw`DELETE FROM "Session" WHERE "userId" = ANY(${userIds}::text[])`;
}
