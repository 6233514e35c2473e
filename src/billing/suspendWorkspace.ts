import { z } from "zod";
import { recordAudit } from "../audit/recordAudit.ts";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";

const Input = z.object({ workspaceUuid: IdOf, isSuspended: z.boolean() });

/** Suspends a Workspace or lifts that. While it is suspended, assertNotSuspended stops every change to its Deployments. */
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
