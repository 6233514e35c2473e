import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { cleanupJob } from "../../platform/jobs/cleanupJob.ts";

/**
 * Removes old audit entries with their seals, in the order of the hash chain and up to the first one that is kept, or
 * missing without a record. The chain then begins at the last seal that was removed, which an entry
 * records.
 */
export const auditRetention = cleanupJob({
  name: "auditRetention",
  counts: "Removed audit entries",
  size: 1_000,
  remove: ({ db }, { before, size, author }) =>
    db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM "AuditChain" FOR UPDATE`;
      const expired = await expiredSeals(tx, before, size);
      const last = expired.at(-1);
      if (!last) return 0;
      const { count } = await tx.auditEntry.deleteMany({
        where: { id: { in: expired.map(({ entryId }) => entryId) } },
      });
      await tx.auditSeal.deleteMany({ where: { position: { lte: last.position } } });
      const anchor = { anchorPosition: last.position, anchorHash: last.hash };
      await tx.auditChain.updateMany({ data: anchor });
      const detail = { position: String(last.position), hash: Buffer.from(last.hash).toString("hex"), removed: count };
      await recordAudit(author, tx, { action: "auditRetention", entityType: "Platform", entityId: "1", detail });
      return expired.length;
    }),
});

/** The first seals of the chain, at most `size`, whose entries are old, or were removed by a cleanup that recorded it. */
async function expiredSeals(tx: Prisma.TransactionClient, before: Date, size: number): Promise<ExpiredSeal[]> {
  const seals = await tx.$queryRaw<(ExpiredSeal & { kept: boolean })[]>`
    SELECT s.position, s."entryId", s.hash, CASE WHEN e.id IS NOT NULL THEN e."createdAt" >= ${before}
      ELSE s.position::text NOT IN (SELECT jsonb_array_elements_text(r.detail->'positions') FROM "AuditEntry" r
        WHERE r.action = 'cleanupClusterAudits' AND jsonb_typeof(r.detail->'positions') = 'array') END AS kept
    FROM "AuditSeal" s LEFT JOIN "AuditEntry" e ON e.id = s."entryId" ORDER BY s.position LIMIT ${size}`;
  const end = seals.findIndex(({ kept }) => kept);
  return end < 0 ? seals : seals.slice(0, end);
}

interface ExpiredSeal {
  position: bigint;
  entryId: string;
  hash: Uint8Array<ArrayBuffer>;
}
