import type { Context } from "../../access/context.ts";
import { isSystemWide } from "../../access/heldRole.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { assertMembersByHand } from "./assertMembersByHand.ts";
import type { LockedTeam } from "./lockTeam.ts";
import { addMembers, assertKnown, endSessionsOf, lockUsers, memberIds } from "./members.ts";
import { assertAllWithinReach, rolesOf } from "./teamRoles.ts";

/**
 * A change of members: the complete list, or users to add and remove. `argument` is the argument of the added users.
 */
export type MemberChange =
  | { all: readonly string[]; argument: string }
  | { add: readonly string[]; remove: readonly string[]; argument: string };

/** The users that were added and removed. */
export interface Changed {
  added: string[];
  removed: string[];
}

/**
 * Adds users to a locked team and removes others, whose sessions end if the team has a system role. Throws BAD_USER_INPUT
 * for unknown user IDs, and FORBIDDEN if members change while the team has a role that the caller could not grant,
 * because adding a member grants all roles of the team. For a team whose members are not changed in Houston, throws the
 * errors of `assertMembersByHand`.
 */
export async function changeMembers(
  ctx: Context,
  tx: Prisma.TransactionClient,
  team: LockedTeam,
  change: MemberChange,
): Promise<Changed> {
  const argument = argumentOf(change);
  if (argument === undefined) return { added: [], removed: [] };
  assertMembersByHand(ctx, team.provider, argument);
  const members = new Set(await memberIds(tx, team.id));
  const [toAdd, toRemove] = "all" in change ? [change.all, without(members, change.all)] : [change.add, change.remove];
  const known = await lockUsers(tx, [...toAdd, ...toRemove]);
  assertKnown(known, toAdd, change.argument);
  assertKnown(known, toRemove, "removeUserIds");
  const added = toAdd.filter((id) => !members.has(id));
  const removed = toRemove.filter((id) => members.has(id));
  if (added.length + removed.length === 0) return { added, removed };

  const roles = await rolesOf(tx, team.id);
  assertAllWithinReach(ctx, roles);
  const hasSystemRole = roles.some(({ scope }) => isSystemWide(scope));
  await addMembers(ctx, tx, { id: team.id, hasSystemRole }, added, change.argument);
  if (removed.length > 0) {
    await tx.teamMember.deleteMany({ where: { teamId: team.id, userId: { in: removed } } });
    if (hasSystemRole) await endSessionsOf(tx, removed);
  }
  return { added, removed };
}

/** The argument that asks for a change; undefined for none. */
function argumentOf(change: MemberChange): string | undefined {
  if ("all" in change || change.add.length > 0) return change.argument;
  return change.remove.length > 0 ? "removeUserIds" : undefined;
}

const without = (members: ReadonlySet<string>, kept: readonly string[]) => {
  const keptIds = new Set(kept);
  return [...members].filter((id) => !keptIds.has(id));
};
