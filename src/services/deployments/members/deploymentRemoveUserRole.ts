import type { Context } from "../../../access/context.ts";
import { removeRole } from "../../../access/heldRole.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { heldThere, Named, scopeOf } from "./deploymentUserRole.ts";

/**
 * Takes a user's role in a Deployment away and ends their sessions. Throws NOT_FOUND when they have none there, CONFLICT
 * for the last Deployment Admin, FORBIDDEN for a role that reaches further than the caller's own.
 */
export async function deploymentRemoveUserRole(ctx: Context, input: unknown): Promise<void> {
  const given = parse(Named, input);
  await ctx.db.$transaction(async (tx) => {
    const scope = await scopeOf(tx, given.deploymentId);
    const held = await heldThere(tx, given);
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
