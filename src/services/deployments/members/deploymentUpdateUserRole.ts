import type { Context } from "../../../access/context.ts";
import { changeRole } from "../../../access/heldRole.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { assertMayBecome } from "../../users/assertUserManagement.ts";
import { grantOf, userRoleOf } from "./deploymentUserRole.ts";

/**
 * Changes a user's role in a Deployment. Throws NOT_FOUND if they have none there,
 * CONFLICT for the last Deployment Admin, BAD_USER_INPUT for a role of another level, FORBIDDEN if the old or the new
 * one has permissions that the caller lacks, FEATURE_DISABLED for a role that is not lower if users are not managed in
 * Houston.
 */
export async function deploymentUpdateUserRole(ctx: Context, input: unknown): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const { given, scope } = await grantOf(ctx, tx, input);
    const held = await userRoleOf(tx, given);
    assertMayBecome(ctx, held.role, given.role);
    await changeRole(ctx, tx, held, given.role, { scope, argument: "email" });
    await recordAudit(ctx, tx, {
      action: "deploymentUpdateUserRole",
      entityType: "Deployment",
      entityId: given.deploymentId,
      workspaceId: scope.workspaceId,
      detail: { userId: held.userId, role: given.role, before: held.role },
    });
    return { id: held.id };
  });
}
