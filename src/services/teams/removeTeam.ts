import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import type { Where } from "../../query/where.ts";
import { type LockedTeam, lockTeam } from "./lockTeam.ts";
import { memberIds } from "./members.ts";
import { LOCAL, Provider, TeamName } from "./teamInput.ts";
import { revokeTeamRoles, rolesOf } from "./teamRoles.ts";

const Input = z.object({ teamUuid: optional(z.string("must be an ID")), name: optional(TeamName), provider: Provider });

/** The condition for the team given by the arguments. */
export function teamToRemove(input: unknown): Where<"Team"> {
  const { teamUuid, name, provider = LOCAL } = parse(Input, input);
  return teamUuid === undefined ? { name: name ?? "", provider } : { id: teamUuid };
}

/**
 * Removes a team with its roles, and ends its members' sessions if one is a system role. Throws NOT_FOUND for an unknown
 * team, CONFLICT for a team of an identity provider that still has members, FORBIDDEN if it has a role that the caller
 * could not grant, BAD_USER_INPUT unless the arguments identify one team.
 */
export async function removeTeam(ctx: Context, input: unknown): Promise<void> {
  const { teamUuid: id, name, provider } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id, name, provider });
    await assertRemovable(tx, team, id === undefined ? "name" : "teamUuid");
    await revokeTeamRoles(ctx, tx, team.id, await rolesOf(tx, team.id));
    await tx.team.delete({ where: { id: team.id }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "removeTeam",
      entityType: "Team",
      entityId: team.id,
      detail: { name: team.name, provider: team.provider },
    });
  });
}

async function assertRemovable(tx: Prisma.TransactionClient, team: LockedTeam, argument: string): Promise<void> {
  const { id, name, provider } = team;
  if (provider === LOCAL || (await memberIds(tx, id)).length === 0) return;
  throw new AppError(
    "CONFLICT",
    `${argument}: the team ${name} has members; remove them at its provider ${provider} first`,
    argument,
  );
}
