import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { removeUnusedAccounts } from "./lockAccounts.ts";

/** Removes those of the locked accounts that are of no use any more, and records it. */
export async function removeUnused(ctx: Context, tx: Prisma.TransactionClient, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const { id, username } of await removeUnusedAccounts(tx, ids)) {
    await recordAudit(ctx, tx, {
      action: "updateOrganization",
      entityType: "User",
      entityId: id,
      detail: { username, deleted: true },
    });
  }
}
