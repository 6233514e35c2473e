import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";

const CUSTOMER_ID = "must be a string of 1 to 255 characters without spaces";

const Input = z.object({
  workspaceUuid: IdOf,
  stripeCustomerId: z.string(CUSTOMER_ID).trim().min(1, CUSTOMER_ID).max(255, CUSTOMER_ID).regex(/^\S*$/, CUSTOMER_ID),
});

/** Replaces the customer ID under which a Workspace is billed. Whether it exists is not checked. */
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
