import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import type { Where } from "../../query/where.ts";
import { lockTeam } from "./lockTeam.ts";
import { LOCAL, Provider, TeamName } from "./teamInput.ts";
import { rolesOf, takeTeamRoles } from "./teamRoles.ts";

const Input = z.object({ teamUuid: optional(z.string("needs an id")), name: optional(TeamName), provider: Provider });

/** The condition on the team that the arguments name. */
export function teamToRemove(input: unknown): Where<"Team"> {
  const { teamUuid, name, provider = LOCAL } = parse(Input, input);
  return teamUuid === undefined ? { name: name ?? "", provider } : { id: teamUuid };
}

/**
 * Removes a team with its roles, and ends its members' sessions if it had any. Throws NOT_FOUND for an unknown team, FORBIDDEN
 * when it has a role that the caller could not give, BAD_USER_INPUT unless the arguments name one team.
 */
export async function removeTeam(ctx: Context, input: unknown): Promise<void> {
  const { teamUuid: id, name, provider } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id, name, provider });
    await takeTeamRoles(ctx, tx, team.id, await rolesOf(tx, team.id));
    await tx.team.delete({ where: { id: team.id }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "removeTeam",
      entityType: "Team",
      entityId: team.id,
      detail: { name: team.name, provider: team.provider },
    });
  });
}
