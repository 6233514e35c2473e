import type pg from "pg";
import type { Prisma } from "../../generated/prisma/client.ts";
import { newId } from "../secrets/newId.ts";
import type { Origin } from "./origin.ts";

/** What was changed. `detail` holds names and plain values, never a secret. */
export interface Change {
  action: string;
  entityType: string;
  entityId: string;
  workspaceId?: string | null;
  detail?: Prisma.InputJsonObject;
}

/** Who makes a change, in which request and from where: a caller, a provider's SCIM client, or a job named by its task. */
export interface Author {
  caller: { kind: "user" | "serviceAccount" | "anonymous" | "scim" | "job"; id: string };
  requestId: string;
  origin: Origin;
}

/** How audit entries name the caller. */
export const actorOf = ({ caller: { kind, id } }: { caller: Pick<Author["caller"], "kind" | "id"> }): string =>
  kind === "anonymous" ? kind : `${kind}:${id}`;

/** The row of an audit entry, for statements that insert it together with other rows. */
export function auditRow(ctx: Author, change: Change) {
  return {
    ...change,
    workspaceId: change.workspaceId ?? null,
    detail: change.detail ?? {},
    actor: actorOf(ctx),
    requestId: ctx.requestId,
    address: ctx.origin.address,
    via: ctx.origin.via,
  };
}

/** The values of hand-written statements that insert an entry: `:entryId`, `:requestId`, `:address` and `:via`. */
export const entryValues = ({ requestId, origin: { address, via } }: Pick<Author, "requestId" | "origin">) => ({
  entryId: newId(),
  requestId,
  address,
  via,
});

/** Records who changed what, in the transaction of the change: the change cannot be committed without its entry. */
export async function recordAudit(ctx: Author, tx: Prisma.TransactionClient, change: Change): Promise<void> {
  await tx.auditEntry.create({ data: auditRow(ctx, change), select: { id: true } });
}

/** The same on a connection without Prisma, in the transaction that is open on it. */
export async function insertAudit(ctx: Author, client: Pick<pg.PoolClient, "query">, change: Change): Promise<void> {
  const row = auditRow(ctx, change);
  await client.query(
    `INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via, detail)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[newId(), row.action, row.actor, row.entityType, row.entityId],
      ...[row.workspaceId, row.requestId, row.address, row.via, JSON.stringify(row.detail)],
    ],
  );
}
