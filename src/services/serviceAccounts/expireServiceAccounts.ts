import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import type { ScheduledJob } from "../../platform/jobs/scheduledJob.ts";
import { creatorRemoved } from "./creatorRemoved.ts";

/** Accounts per transaction. */
const BATCH = 500;

/**
 * Lets the keys of service accounts whose creator was removed expire after `expireServiceAccounts.after` days, unless they
 * do so earlier. An audit entry for each says so, and one of their Workspace's Admins can rotate the key to keep it.
 */
export const expireServiceAccounts: ScheduledJob = {
  name: "expireServiceAccounts",
  counts: "Service accounts expire because their creator was removed",
  async run({ config, db, now }, author, signal) {
    const after = config.expireServiceAccounts.after;
    const expiresAt = new Date(now().getTime() + after * 86_400_000);
    let total = 0;
    while (!signal.aborted) {
      const expiring = await db.$transaction(async (tx) => {
        const accounts = await expire(tx, expiresAt);
        for (const { id, label, workspaceId } of accounts) {
          const detail = { label, expiresAt: expiresAt.toISOString() };
          const change = { action: "expireServiceAccounts", entityType: "ServiceAccount", entityId: id };
          await recordAudit(author, tx, { ...change, workspaceId, detail });
        }
        return accounts.length;
      });
      total += expiring;
      if (expiring < BATCH) break;
    }
    return total;
  },
};

/** Sets the expiry of at most a batch of accounts. Skips those that others have locked, for the next run. */
const expire = (tx: Prisma.TransactionClient, expiresAt: Date) =>
  tx.$queryRawUnsafe<{ id: string; label: string; workspaceId: string | null }[]>(
    `UPDATE "ServiceAccount" a SET "expiresAt" = $1::timestamp,
       "previousKeyExpiresAt" = CASE WHEN a."previousKeyHash" IS NOT NULL
         THEN least(a."previousKeyExpiresAt", $1::timestamp) END
     WHERE a.id = ANY(ARRAY(
       SELECT c.id FROM "ServiceAccount" c
       WHERE (c."expiresAt" IS NULL OR c."expiresAt" > $1::timestamp) AND ${creatorRemoved.replaceAll("$row", "c")}
       ORDER BY c.id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
     RETURNING a.id, a.label,
       coalesce(a."workspaceId", (SELECT d."workspaceId" FROM "Deployment" d WHERE d.id = a."deploymentId")) AS "workspaceId"`,
    expiresAt.toISOString(),
  );
