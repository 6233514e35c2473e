import type { Prisma } from "../../generated/prisma/client.ts";

/** What was changed. `detail` holds names and plain values, never a secret. */
export interface Change {
  action: string;
  entityType: string;
  entityId: string;
  workspaceId?: string | null;
  detail?: Prisma.InputJsonObject;
}

/** Who makes a change, and in which request: a caller, or a job named by its task. */
export interface Author {
  caller: { kind: "user" | "serviceAccount" | "anonymous" | "job"; id: string };
  requestId: string;
}

/** How audit entries name the caller. */
export const actorOf = ({ caller: { kind, id } }: Pick<Author, "caller">): string =>
  kind === "anonymous" ? kind : `${kind}:${id}`;

/** The row of an audit entry, for statements that insert it together with other rows. */
export function auditRow(ctx: Author, change: Change) {
  return {
    ...change,
    workspaceId: change.workspaceId ?? null,
    detail: change.detail ?? {},
    actor: actorOf(ctx),
    requestId: ctx.requestId,
  };
}

/** Records who changed what, in the transaction of the change: the change cannot be committed without its entry. */
export async function recordAudit(ctx: Author, tx: Prisma.TransactionClient, change: Change): Promise<void> {
  await tx.auditEntry.create({ data: auditRow(ctx, change), select: { id: true } });
}
