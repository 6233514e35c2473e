import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Flag, IdOf, Label, optional } from "../../platform/input/input.ts";
import { apiKeyNotFound } from "./apiKey.ts";

const Input = z.object({
  organizationId: IdOf,
  apiKeyId: IdOf,
  name: optional(Label),
  delete: optional(Flag),
});

/**
 * Renames an API key of an Organization, or deletes it, which revokes the key immediately. Throws NOT_FOUND if the
 * Organization has no such key: of several concurrent deletions, one succeeds.
 */
export async function updateApiKey(ctx: Context, input: unknown): Promise<{ id: string; deleted: boolean }> {
  const { organizationId, apiKeyId: id, name, delete: deleted = false } = parse(Input, input);
  if (deleted && name !== undefined) throw badInput("delete", "cannot be combined with name");
  if (!deleted && name === undefined) throw badInput("name, delete", "one of them is required");
  const where = { id, organizationId };
  await ctx.db
    .$transaction(async (tx) => {
      const { label } = deleted
        ? await tx.serviceAccount.delete({ where, select: { label: true } })
        : await tx.serviceAccount.update({ where, data: { label: name ?? "" }, select: { label: true } });
      await recordAudit(ctx, tx, {
        action: deleted ? "deleteApiKey" : "updateApiKey",
        entityType: "ServiceAccount",
        entityId: id,
        detail: { organizationId, name: label },
      });
    })
    .catch((thrown: unknown) => {
      throw asAppError(thrown)?.code === "NOT_FOUND" ? apiKeyNotFound() : thrown;
    });
  return { id, deleted };
}
