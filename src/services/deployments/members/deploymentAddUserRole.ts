import type { Context } from "../../../access/context.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { conflictOn } from "../../../platform/errors/conflictOn.ts";
import { existing } from "../../../query/existing.ts";
import { grantOf, lockMember } from "./deploymentUserRole.ts";

/**
 * Grants a user a role in a Deployment. Throws NOT_FOUND for an unknown address, CONFLICT if they already have a role there
 * (the unique index decides), BAD_USER_INPUT for a role of another level, FORBIDDEN for one with permissions that the
 * caller lacks.
 */
export async function deploymentAddUserRole(ctx: Context, input: unknown): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const { given, scope } = await grantOf(ctx, tx, input);
    const { role, deploymentId } = given;
    const user = await lockMember(tx, given);
    const binding = await tx.roleBinding
      .create({ data: { userId: user.id, deploymentId, role }, select: { id: true } })
      .catch(
        conflictOn(
          "email",
          "the user already has a role in the Deployment; change it with deploymentUpdateUserRole",
          existing("RoleBinding", { userId: user.id, deploymentId }),
        ),
      );
    await recordAudit(ctx, tx, {
      action: "deploymentAddUserRole",
      entityType: "Deployment",
      entityId: deploymentId,
      workspaceId: scope.workspaceId,
      detail: { userId: user.id, role },
    });
    return binding;
  });
}
