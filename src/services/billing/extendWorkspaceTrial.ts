import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";

const DAY = 24 * 60 * 60 * 1000;
const allowed = "must be a whole number of days from 1 to 365";

const Input = z.object({ workspaceUuid: IdOf, extraDays: z.int(allowed).min(1, allowed).max(365, allowed) });

/**
 * Extends a Workspace's trial by `extraDays`, counted from its end, or from now if it has ended or there was none. The row
 * is locked first, so concurrent extensions add up.
 */
export async function extendWorkspaceTrial(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { workspaceUuid: id, extraDays } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "Workspace" WHERE id = ${id} FOR UPDATE`;
    const before = await tx.workspace.findUniqueOrThrow({ where: { id }, select: { trialEndsAt: true } });
    const from = Math.max(ctx.now().getTime(), before.trialEndsAt?.getTime() ?? 0);
    const trialEndsAt = new Date(from + extraDays * DAY);
    await tx.workspace.update({ where: { id }, data: { trialEndsAt }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "extendWorkspaceTrial",
      entityType: "Workspace",
      entityId: id,
      workspaceId: id,
      detail: { extraDays, trialEndsAt: trialEndsAt.toISOString() },
    });
  });
  return { id };
}
