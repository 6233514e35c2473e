import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";

const Input = z.object({ workspaceUuid: IdOf, isSuspended: z.boolean() });

/** Suspends a Workspace or lifts the suspension. While suspended, assertNotSuspended blocks changes to its Deployments. */
export async function suspendWorkspace(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { workspaceUuid: id, isSuspended } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    await tx.workspace.update({ where: { id }, data: { active: !isSuspended }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "suspendWorkspace",
      entityType: "Workspace",
      entityId: id,
      workspaceId: id,
      detail: { isSuspended },
    });
  });
  return { id };
}
