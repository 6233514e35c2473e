import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";

const Input = z.object({
  workspaceUuid: IdOf,
  stripeCustomerId: z
    .string()
    .trim()
    .min(1, "needs 1 to 255 characters without spaces")
    .max(255, "needs 1 to 255 characters without spaces")
    .regex(/^\S*$/, "needs 1 to 255 characters without spaces"),
});

/** Stores the id under which a Workspace is billed, instead of the one before. Nobody is asked whether it exists. */
export async function addCustomerId(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { workspaceUuid: id, stripeCustomerId } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    await tx.workspace.update({ where: { id }, data: { stripeCustomerId }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "addCustomerId",
      entityType: "Workspace",
      entityId: id,
      workspaceId: id,
      detail: { stripeCustomerId },
    });
  });
  return { id };
}
