import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import type { LockedTeam } from "./lockTeam.ts";
import { addMembers, assertKnown, endSessionsOf, lockUsers, memberIds } from "./members.ts";
import { assertAllWithinReach, rolesOf } from "./teamRoles.ts";

/** Who is to be in a team: all of it, or who comes and goes. `argument` names those who come. */
export type MemberChange =
  | { all: readonly string[]; argument: string }
  | { add: readonly string[]; remove: readonly string[]; argument: string };

/** Who came and who went. */
export interface Changed {
  added: string[];
  removed: string[];
}

/**
 * Brings people into a locked team and takes others out, whose sessions end if the team has any role. Throws BAD_USER_INPUT
 * for ids that are no user's, and FORBIDDEN where somebody comes or goes while the team has a role that the caller could not
 * give: to add a member is to give each of the team's roles.
 */
export async function changeMembers(
  ctx: Context,
  tx: Prisma.TransactionClient,
  team: LockedTeam,
  change: MemberChange,
): Promise<Changed> {
  const members = new Set(await memberIds(tx, team.id));
  const [wanted, unwanted] = "all" in change ? [change.all, without(members, change.all)] : [change.add, change.remove];
  const known = await lockUsers(tx, [...wanted, ...unwanted]);
  assertKnown(known, wanted, change.argument);
  assertKnown(known, unwanted, "removeUserIds");
  const added = wanted.filter((id) => !members.has(id));
  const removed = unwanted.filter((id) => members.has(id));
  if (added.length + removed.length === 0) return { added, removed };

  const roles = await rolesOf(tx, team.id);
  assertAllWithinReach(ctx, roles);
  const hasSystemRole = roles.some(({ scope }) => !scope.workspaceId && !scope.deploymentId);
  await addMembers(ctx, tx, { id: team.id, hasSystemRole }, added, change.argument);
  if (removed.length > 0) {
    await tx.teamMember.deleteMany({ where: { teamId: team.id, userId: { in: removed } } });
    if (roles.length > 0) await endSessionsOf(tx, removed);
  }
  return { added, removed };
}

const without = (members: ReadonlySet<string>, kept: readonly string[]) => {
  const staying = new Set(kept);
  return [...members].filter((id) => !staying.has(id));
};
