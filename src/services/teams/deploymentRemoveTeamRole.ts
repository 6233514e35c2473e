import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { heldThere, Named, namedBy, recordTeamRole } from "./deploymentTeamRole.ts";
import { takeTeamRoles } from "./teamRoles.ts";

/**
 * Takes a team's role in a Deployment away and ends its members' sessions. Throws NOT_FOUND when it has none there, FORBIDDEN
 * for a role that reaches further than the caller's own.
 */
export async function deploymentRemoveTeamRole(ctx: Context, input: unknown): Promise<void> {
  const given = parse(Named, input);
  await ctx.db.$transaction(async (tx) => {
    const { scope, teamId } = await namedBy(tx, given);
    const held = await heldThere(tx, teamId, scope);
    await takeTeamRoles(ctx, tx, teamId, [held]);
    await recordTeamRole(ctx, tx, "deploymentRemoveTeamRole", scope, { teamId, role: held.role });
  });
}
