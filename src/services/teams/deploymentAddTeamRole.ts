import type { Context } from "../../access/context.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { existing } from "../../query/existing.ts";
import { grantOf, recordTeamRole } from "./deploymentTeamRole.ts";

/**
 * Grants a team a role in a Deployment. Throws NOT_FOUND for an unknown team, CONFLICT if it already has a role there
 * (the unique index decides), BAD_USER_INPUT for a role of another level, FORBIDDEN for one with permissions that the
 * caller lacks.
 */
export async function deploymentAddTeamRole(ctx: Context, input: unknown): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const { role, scope, teamId } = await grantOf(ctx, tx, input);
    const binding = await tx.roleBinding
      .create({ data: { teamId, deploymentId: scope.deploymentId, role }, select: { id: true } })
      .catch(
        conflictOn(
          "teamUuid",
          "the team already has a role in the Deployment; change it with deploymentUpdateTeamRole",
          existing("RoleBinding", { teamId, deploymentId: scope.deploymentId }),
        ),
      );
    await recordTeamRole(ctx, tx, "deploymentAddTeamRole", scope, { teamId, role });
    return binding;
  });
}
