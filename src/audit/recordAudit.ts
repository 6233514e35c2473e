import type { Context } from "../context.ts";
import type { Prisma } from "../generated/prisma/client.ts";

/** What was changed. `detail` holds names and plain values, never a secret. */
export interface Change {
  action: string;
  entityType: string;
  entityId: string;
  workspaceId?: string | null;
  detail?: Prisma.InputJsonObject;
}

/** The row of an audit entry. Statements that write several things at once insert it themselves. */
export function auditRow(ctx: Context, change: Change) {
  const { kind, id } = ctx.caller;
  return {
    ...change,
    workspaceId: change.workspaceId ?? null,
    detail: change.detail ?? {},
    actor: kind === "anonymous" ? kind : `${kind}:${id}`,
    requestId: ctx.requestId,
  };
}

/** Writes who changed what into the transaction of the change: the change does not happen without its entry. */
export async function recordAudit(ctx: Context, tx: Prisma.TransactionClient, change: Change): Promise<void> {
  await tx.auditEntry.create({ data: auditRow(ctx, change), select: { id: true } });
}
