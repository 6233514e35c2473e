import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import type { Column } from "../../platform/database/columns.ts";
import { knownCaller } from "../../query/callerSql.ts";
import { type Right, rightsSql } from "../../query/rights.ts";

/**
 * Who may know who is in a team, as rights on a row whose column `team` names it: system roles, the team's own members, and
 * those who may see the members of teams in a Workspace that somebody brought it into who saw them too. A Workspace of
 * one's own, to which anyone may bring a team whose id they know, shows nothing.
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

/** Who may know that a person is in a team, as rights on a row of TeamMember. */
export const membership = membersOf<"TeamMember">("teamId");

/** Whether the caller may know who is in the team. False for one that is not there. */
export async function seesMembers(
  { caller: { kind, id }, roles }: Context,
  tx: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
  teamId: string,
): Promise<boolean> {
  const allowed = rightsSql(roles, knownCaller).allowed(membersOf<"Team">("id"), "t");
  const teams = await tx.$queryRawUnsafe<unknown[]>(
    `WITH ${knownCaller.ctes} SELECT 1 FROM "Team" t WHERE t.id = $${knownCaller.params + 1} AND ${allowed}`,
    kind === "user" ? id : null,
    kind === "serviceAccount" ? id : null,
    teamId,
  );
  return teams.length > 0;
}
