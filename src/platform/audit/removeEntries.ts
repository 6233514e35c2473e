import type { Prisma, PrismaClient } from "../../generated/prisma/client.ts";
import { type Author, recordAudit } from "./recordAudit.ts";

/** Who removes entries, and under which name that is recorded. */
interface Removal {
  db: PrismaClient;
  author: Author;
  action: string;
}

/**
 * Removes the entries that `find` returns, keeps their seals, and records the positions of those that were sealed: otherwise
 * `audit verify` would report them. Returns how many were removed.
 */
export async function removeEntries(
  { db, author, action }: Removal,
  find: (tx: Prisma.TransactionClient) => Promise<{ id: string }[]>,
): Promise<number> {
  return db.$transaction(async (tx) => {
    // The sealer must not seal an entry that is being removed.
    await tx.$queryRaw`SELECT id FROM "AuditChain" FOR UPDATE`;
    const ids = (await find(tx)).map(({ id }) => id);
    if (ids.length === 0) return 0;
    const seals = await tx.auditSeal.findMany({ where: { entryId: { in: ids } }, select: { position: true } });
    await tx.auditEntry.deleteMany({ where: { id: { in: ids } } });
    const positions = seals.map(({ position }) => String(position));
    if (positions.length > 0)
      await recordAudit(author, tx, { action, entityType: "Platform", entityId: "1", detail: { positions } });
    return ids.length;
  });
}
