import type { Prisma } from "../../generated/prisma/client.ts";
import { type Change, recordAudit } from "../../platform/audit/recordAudit.ts";
import type { ScimContext } from "./scimContext.ts";

/** Records a change of a provider's client, and with which of its tokens it was made, in the transaction of the change. */
export async function recordScim(ctx: ScimContext, tx: Prisma.TransactionClient, change: Change): Promise<void> {
  const { provider, tokenId } = ctx;
  await recordAudit(ctx, tx, { ...change, detail: { provider, tokenId, ...change.detail } });
}
