import { z } from "zod";
import { recordAudit } from "../audit/recordAudit.ts";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { accountNotFound, type Home } from "./serviceAccount.ts";

const Input = z.object({ serviceAccountUuid: IdOf });

/**
 * Deletes a service account and its role; its API key is refused from the next request on. With `home` the account must
 * live there. Throws NOT_FOUND otherwise: of several deletions at once, one succeeds.
 */
export async function deleteServiceAccount(ctx: Context, input: unknown, home?: Home): Promise<void> {
  const { serviceAccountUuid: id } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const account = await tx.serviceAccount.findFirst({
      where: { id, ...home },
      select: { label: true, workspaceId: true, deployment: { select: { workspaceId: true } } },
    });
    const { count } = await tx.serviceAccount.deleteMany({ where: { id, ...home } });
    if (!account || count === 0) throw accountNotFound();
    await recordAudit(ctx, tx, {
      action: "deleteServiceAccount",
      entityType: "ServiceAccount",
      entityId: id,
      workspaceId: account.workspaceId ?? account.deployment?.workspaceId ?? null,
      detail: { label: account.label },
    });
  });
}
