import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";

const Input = z.object({ workspaceUuid: IdOf });

/**
 * Deletes a Workspace with its role bindings, service accounts, invitations and soft-deleted Deployments, which frees
 * their release names. Throws
 * CONFLICT while it has Deployments. Locks the row first, so that none can be created in the meantime.
 */
export async function deleteWorkspace(ctx: Context, input: unknown): Promise<void> {
  const { workspaceUuid } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "Workspace" WHERE id = ${workspaceUuid} FOR UPDATE`;
    const remaining = await tx.deployment.count({ where: { workspaceId: workspaceUuid, deletedAt: null } });
    if (remaining > 0) {
      throw new AppError(
        "CONFLICT",
        `workspaceUuid: the Workspace still has ${remaining} Deployment${remaining === 1 ? "" : "s"}; delete them first`,
        "workspaceUuid",
      );
    }
    const { label } = await tx.workspace.delete({ where: { id: workspaceUuid } });
    await recordAudit(ctx, tx, {
      action: "deleteWorkspace",
      entityType: "Workspace",
      entityId: workspaceUuid,
      workspaceId: workspaceUuid,
      detail: { label },
    });
  });
}
