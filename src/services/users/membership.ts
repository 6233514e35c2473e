import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import type { Column } from "../../platform/database/columns.ts";
import { knownCaller, knownCallerValues } from "../../query/callerSql.ts";
import { type Right, rightsSql } from "../../query/rights.ts";

/**
 * Who may see the members of a team, as rights on a row whose column `team` is the team's ID: system roles, the team's own
 * members, and callers who may see the members of teams in a Workspace, if whoever added the team to it could see its
 * members too. Otherwise, adding a team with a known ID to one's own Workspace would reveal its members.
 */
const membersOf = <T extends "Team" | "TeamMember">(team: Column<T>): readonly Right<T>[] => [
  { permission: "system.teams.get" },
  {
    through: {
      table: "RoleBinding",
      theirs: "teamId",
      ours: team,
      rights: [{ permission: "workspace.teams.getAll", workspace: "workspaceId", of: "vouchedBy" }],
    },
  },
  { through: { table: "TeamMember", theirs: "teamId", ours: team, rights: [{ caller: "userId" }] } },
];

/** Who may see that a user is in a team, as rights on a row of TeamMember. */
export const membership = membersOf<"TeamMember">("teamId");

/** Whether the caller may see the members of the team. False for an unknown team. */
export async function seesMembers(
  { caller, roles }: Context,
  tx: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
  teamId: string,
): Promise<boolean> {
  const allowed = rightsSql(roles, knownCaller).allowed(membersOf<"Team">("id"), "t");
  const teams = await tx.$queryRawUnsafe<unknown[]>(
    `WITH ${knownCaller.ctes} SELECT 1 FROM "Team" t WHERE t.id = $${knownCaller.params + 1} AND ${allowed}`,
    ...knownCallerValues(caller),
    teamId,
  );
  return teams.length > 0;
}
