import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, Label, optional } from "../../platform/input/input.ts";
import { Category, type Home, rethrowNotFound } from "./serviceAccount.ts";

const Input = z.object({
  serviceAccountUuid: IdOf,
  payload: z
    .strictObject(
      { label: optional(Label), category: Category.nullish() },
      "must be an object with label, category or both",
    )
    .nullish(),
});

/**
 * Changes label, category or both; omitted ones are unchanged, an empty category clears it. With `home`, the account
 * must belong to that scope. Throws NOT_FOUND otherwise, and for API keys of Organizations.
 */
export async function updateServiceAccount(ctx: Context, input: unknown, home?: Home): Promise<{ id: string }> {
  const { serviceAccountUuid: id, payload } = parse(Input, input);
  const data = {
    ...(payload?.label === undefined ? {} : { label: payload.label }),
    ...(payload?.category === undefined ? {} : { category: payload.category ?? "" }),
  };
  await ctx.db
    .$transaction(async (tx) => {
      const account = await tx.serviceAccount.update({
        where: { id, organizationId: null, ...home },
        data,
        select: { workspaceId: true, deployment: { select: { workspaceId: true } } },
      });
      await recordAudit(ctx, tx, {
        action: "updateServiceAccount",
        entityType: "ServiceAccount",
        entityId: id,
        workspaceId: account.workspaceId ?? account.deployment?.workspaceId ?? null,
        detail: data,
      });
    })
    .catch(rethrowNotFound);
  return { id };
}
