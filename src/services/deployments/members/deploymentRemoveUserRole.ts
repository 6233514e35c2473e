import { authorize } from "../../../access/authorize.ts";
import type { Context } from "../../../access/context.ts";
import { removeRole } from "../../../access/heldRole.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { forbidden } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Named, scopeOf, userRoleOf } from "./deploymentUserRole.ts";

const UPDATE = "deployment.userRoles.update" as const;

/**
 * Revokes a user's role in a Deployment. Throws NOT_FOUND if they have none there, CONFLICT for the
 * last Deployment Admin, FORBIDDEN for a role with permissions that the caller lacks.
 */
export async function deploymentRemoveUserRole(ctx: Context, input: unknown): Promise<void> {
  const given = parse(Named, input);
  await ctx.db.$transaction(async (tx) => {
    const scope = await scopeOf(tx, given.deploymentId);
    const held = await userRoleOf(tx, given).catch((thrown: unknown) => {
      // The guard lets everyone revoke their own role; someone who has none learns no more than any other caller.
      const gives = ctx.caller.id === given.userId && !authorize(ctx.roles, ctx.caller, [UPDATE], scope);
      throw gives ? forbidden([UPDATE]) : thrown;
    });
    await removeRole(ctx, tx, held, { scope, argument: "email" });
    await recordAudit(ctx, tx, {
      action: "deploymentRemoveUserRole",
      entityType: "Deployment",
      entityId: given.deploymentId,
      workspaceId: scope.workspaceId,
      detail: { userId: held.userId, role: held.role },
    });
  });
}
