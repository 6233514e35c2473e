import type { Prisma } from "../../generated/prisma/client.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";

/** A limit on how often something may happen. */
export interface Limit {
  /** What is counted, such as "signIn 192.0.2.1". */
  what: string;
  max: number;
  /** In milliseconds; begins with the first use. */
  window: number;
}

type Counting = { db: Pick<Prisma.TransactionClient, "$queryRaw">; now(): Date };

/** Counts one use, and returns how long to wait in milliseconds: 0 if it is within the limit. */
export const countUse = (ctx: Counting, limit: Limit): Promise<number> => countUses(ctx, [limit]);

/**
 * The same for a use that counts for several limits. One statement, so that concurrent uses, of all replicas, are
 * counted one by one.
 */
export async function countUses({ db, now }: Counting, limits: readonly Limit[]): Promise<number> {
  const time = now();
  const at = time.toISOString();
  const counting = limits
    .map(({ what, max, window }) => ({ id: hashOf(what), max, end: new Date(time.getTime() + window).toISOString() }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const [ids, ends] = [counting.map(({ id }) => id), counting.map(({ end }) => end)];
  const rows = await db.$queryRaw<{ id: string; count: number; windowEndsAt: Date }[]>`
    INSERT INTO "AttemptCount" AS counted (id, count, "windowEndsAt", "expiresAt")
    SELECT id, 1, "end", "end" FROM unnest(${ids}::text[], ${ends}::timestamp[]) AS given (id, "end")
    ON CONFLICT (id) DO UPDATE SET
      count = CASE WHEN counted."windowEndsAt" > ${at}::timestamp THEN least(counted.count, 2000000000) + 1 ELSE 1 END,
      "windowEndsAt" = CASE WHEN counted."windowEndsAt" > ${at}::timestamp
        THEN counted."windowEndsAt" ELSE EXCLUDED."windowEndsAt" END,
      "expiresAt" = CASE WHEN counted."windowEndsAt" > ${at}::timestamp
        THEN counted."windowEndsAt" ELSE EXCLUDED."windowEndsAt" END
    RETURNING id, count, "windowEndsAt"`;
  const waits = rows
    .filter(({ id, count }) => count > (counting.find((limit) => limit.id === id)?.max ?? 0))
    .map(({ windowEndsAt }) => windowEndsAt.getTime() - time.getTime());
  return Math.max(0, ...waits);
}
