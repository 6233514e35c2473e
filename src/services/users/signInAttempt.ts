import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import type { Config } from "../../platform/config/config.ts";
import { tooManyRequests } from "../../platform/errors/appError.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { countedAddress } from "./clientLimits.ts";

type Counting = Pick<Context, "client" | "config" | "db" | "now">;
type Limits = Config["auth"]["local"]["limits"];

/** The name under which the attempts on a user are counted, whichever address or name they use. */
export const accountOf = (userId: string) => `user ${userId}`;

type Row = Awaited<ReturnType<Prisma.TransactionClient["attemptCount"]["findMany"]>>[number];

/** An attempt to sign in that counts as failed until `succeeded` is called. */
export interface SignInAttempt {
  succeeded(tx: Prisma.TransactionClient): Promise<void>;
}

/** Other addresses are locked half as long as the one that failed, so that it cannot keep them out by waiting too. */
const SHARE_OF_OTHERS = 0.5;

/**
 * Counts an attempt to sign in to an account before the password is compared, so that concurrent ones are counted one by
 * one: for the client's address on this account, and for the account. An address that has signed in to the account is
 * not locked by the failures of others. Throws TOO_MANY_REQUESTS while either is locked.
 */
export async function startSignIn(ctx: Counting, account: string): Promise<SignInAttempt> {
  const { limits } = ctx.config.auth.local;
  const now = ctx.now();
  const ids = idsOf(ctx, account);
  // Without locks first: while an account is attacked, most attempts end here.
  assertOpen(await ctx.db.attemptCount.findMany({ where: { id: { in: [ids.own, ids.account] } } }), ids, limits, now);
  const counted = await ctx.db.$transaction(async (tx) => {
    const rows = await lockRows(tx, Object.values(ids), now);
    assertOpen(rows, ids, limits, now);
    const own = rows.find(({ id }) => id === ids.own);
    const counting = rows.filter((row) => row === own || !isKnown(own, now));
    for (const row of counting) {
      const data = afterFailure(row, limits, now, row === own ? 1 : SHARE_OF_OTHERS);
      await tx.attemptCount.update({ where: { id: row.id }, data, select: { id: true } });
    }
    return counting.length;
  });
  return {
    async succeeded(tx) {
      await lockRows(tx, Object.values(ids), now);
      await rememberAddress(ctx, tx, account);
      if (counted > 1) await undo(tx, ids.account);
    },
  };
}

/** Forgets the failures of the client's address and of the account, whose owner has set a new password by e-mail. */
export async function forgetFailures(ctx: Counting, tx: Prisma.TransactionClient, account: string): Promise<void> {
  const ids = idsOf(ctx, account);
  await lockRows(tx, Object.values(ids), ctx.now());
  await rememberAddress(ctx, tx, account);
  await tx.attemptCount.delete({ where: { id: ids.account }, select: { id: true } });
}

const idsOf = ({ client }: Counting, account: string) => ({
  own: hashOf(`password of ${account} from ${countedAddress(client)}`),
  account: hashOf(`password of ${account}`),
});

const isKnown = (own: Row | undefined, now: Date) => (own?.knownUntil ?? now) > now;

function assertOpen(rows: readonly Row[], ids: { own: string; account: string }, limits: Limits, now: Date): void {
  const own = rows.find(({ id }) => id === ids.own);
  const account = isKnown(own, now) ? undefined : rows.find(({ id }) => id === ids.account);
  const ends = [own?.lockedUntil, account?.lockedUntil];
  if (own && own.failures >= limits.maxFailures) ends.push(own.forgetAt);
  const wait = Math.max(...ends.map((end) => (end ?? now).getTime() - now.getTime()));
  if (wait > 0) throw tooManyRequests(wait);
}

/** The rows with these IDs, locked, and created if there are none. In one order, so that no two wait for each other. */
async function lockRows(tx: Prisma.TransactionClient, ids: string[], now: Date): Promise<Row[]> {
  return tx.$queryRaw`INSERT INTO "AttemptCount" AS counted (id, "expiresAt")
    SELECT id, ${now.toISOString()}::timestamp FROM unnest(${ids}::text[]) AS given (id) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET "expiresAt" = counted."expiresAt" RETURNING *`;
}

/** The columns after one more failure. `share` is that of the time for which the row is locked. */
function afterFailure(row: Row, limits: Limits, now: Date, share: number) {
  const later = (ms: number) => new Date(now.getTime() + ms);
  const isForgotten = row.forgetAt === null || row.forgetAt <= now;
  const isInWindow = row.windowEndsAt !== null && row.windowEndsAt > now;
  const count = isInWindow ? row.count + 1 : 1;
  const before = isForgotten ? { failures: 0, locks: 0 } : row;
  const locks = before.locks > 0 || count >= limits.failuresPerAccount ? before.locks + 1 : 0;
  const delay = Math.min(limits.firstDelay * 2 ** (locks - 1), limits.maxDelay) * share;
  const forgetAt = later(Math.max(limits.forgetAfter, delay));
  return {
    count,
    windowEndsAt: isInWindow ? row.windowEndsAt : later(limits.failureWindow),
    failures: before.failures + 1,
    locks,
    lockedUntil: locks > 0 ? later(delay) : null,
    forgetAt,
    expiresAt: row.knownUntil && row.knownUntil > forgetAt ? row.knownUntil : forgetAt,
  };
}

async function rememberAddress(ctx: Counting, tx: Prisma.TransactionClient, account: string): Promise<void> {
  const id = idsOf(ctx, account).own;
  const knownUntil = new Date(ctx.now().getTime() + ctx.config.auth.local.limits.knownAddressDays * 86_400_000);
  const none = { count: 0, windowEndsAt: null, failures: 0, locks: 0, lockedUntil: null, forgetAt: null };
  const data = { ...none, knownUntil, expiresAt: knownUntil };
  await tx.attemptCount.upsert({ where: { id }, create: { id, ...data }, update: data, select: { id: true } });
}

/** Takes back one failure, and the lock that it may have caused. */
async function undo(tx: Prisma.TransactionClient, id: string): Promise<void> {
  await tx.$executeRaw`UPDATE "AttemptCount" SET count = greatest(count - 1, 0), failures = greatest(failures - 1, 0),
    locks = greatest(locks - 1, 0), "lockedUntil" = NULL WHERE id = ${id}`;
}
