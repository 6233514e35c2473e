import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, optional } from "../../platform/input/input.ts";
import { existing } from "../../query/existing.ts";
import { assertLocalTeams, assertMembersByHand } from "./assertMembersByHand.ts";
import { addMembers, assertKnown, lockUsers } from "./members.ts";
import type { TeamAnswer } from "./teamAnswer.ts";
import { LOCAL, Provider, TeamName, UserIds } from "./teamInput.ts";

const Input = z.object({ name: TeamName, description: optional(Description), provider: Provider, userIds: UserIds });

/**
 * Creates a team without roles. A team of an identity provider has no members at first, as only the provider adds them.
 * Throws CONFLICT if its provider has a team with this name (the unique index decides), BAD_USER_INPUT for unknown user
 * IDs, FEATURE_DISABLED for a local team if there are none (`auth.local.teams.enabled` is false).
 */
export async function createTeam(ctx: Context, input: unknown): Promise<TeamAnswer> {
  const { name, description = "", provider = LOCAL, userIds = [] } = parse(Input, input);
  if (provider === LOCAL) assertLocalTeams(ctx);
  if (userIds.length > 0) assertMembersByHand(ctx, provider, "userIds");
  const id = await ctx.db.$transaction(async (tx) => {
    const team = await tx.team
      .create({ data: { name, description, provider }, select: { id: true } })
      .catch(
        conflictOn(
          "name",
          `is already in use by another team of the provider ${provider}`,
          existing("Team", { name, provider }),
        ),
      );
    assertKnown(await lockUsers(tx, userIds), userIds, "userIds");
    await addMembers(ctx, tx, { id: team.id, hasSystemRole: false }, userIds, "userIds");
    await recordAudit(ctx, tx, {
      action: "createTeam",
      entityType: "Team",
      entityId: team.id,
      detail: { name, provider, userIds },
    });
    return team.id;
  });
  return { id, message: `Team ${name} was created` };
}
