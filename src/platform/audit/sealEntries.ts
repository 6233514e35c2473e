import type pg from "pg";
import { CHAINED, type ChainedEntry, contentOf, type Gap, linkOf } from "./chain.ts";

/** Entries sealed in one transaction: few, so that hashing them does not hold up requests. */
const BATCH = 250;

/**
 * How long a gap is looked for at least, in milliseconds. A number is taken a moment before its transaction gets an ID,
 * so the end of all transactions alone does not prove that it will never be used.
 */
const PATIENCE = 60_000;

/**
 * Adds entries that were committed since the last run to the hash chain, and returns how many. Does nothing while another
 * process does. Writers never wait for it, nor it for them.
 */
export async function sealEntries(pool: pg.Pool, { patience = PATIENCE } = {}): Promise<number> {
  const { rows } = await pool.query<{ waiting: boolean }>({ name: "auditWaiting", text: WAITING });
  if (!rows[0]?.waiting) return 0;
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    let total = 0;
    for (;;) {
      const sealed = await sealBatch(client, patience);
      total += sealed;
      if (sealed < BATCH) return total;
    }
  } catch (error) {
    await client.query("ROLLBACK").catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const WAITING = `SELECT c.gaps <> '[]' OR EXISTS (SELECT 1 FROM "AuditEntry" e WHERE e.sequence > c.sequence) AS waiting
  FROM "AuditChain" c`;

interface Chain {
  position: string;
  hash: Buffer;
  sequence: string;
  gaps: Gap[];
  /** Transactions before it have ended; those at or after `next` had not begun. */
  running: string;
  next: string;
  now: number;
}

async function sealBatch(client: pg.PoolClient, patience: number): Promise<number> {
  await client.query("BEGIN");
  const { rows } = await client.query<Chain>(LOCK);
  const [chain] = rows;
  if (!chain) {
    await client.query("ROLLBACK");
    return 0;
  }
  // Each statement sees more than the one before: what has ended by the first one is visible to the second one.
  const late = chain.gaps.length > 0 ? await entriesIn(client, chain.gaps) : [];
  const { rows: fresh } = await client.query<ChainedEntry & { next: string }>(FRESH, [chain.sequence, BATCH]);
  const open = chain.gaps.flatMap((gap) => stillOpen(gap, chain, patience)).flatMap((gap) => without(gap, late));
  const gaps = [...open, ...gapsIn(chain, fresh)];
  await store(client, chain, [...late, ...fresh], { sequence: fresh.at(-1)?.sequence ?? chain.sequence, gaps });
  await client.query("COMMIT");
  return late.length + fresh.length;
}

const LOCK = `SELECT position, hash, sequence, gaps, pg_snapshot_xmin(pg_current_snapshot())::text AS running,
    pg_snapshot_xmax(pg_current_snapshot())::text AS next, (extract(epoch FROM now()) * 1000)::float8 AS now
  FROM "AuditChain" FOR UPDATE SKIP LOCKED`;

const FRESH = `SELECT ${CHAINED}, pg_snapshot_xmax(pg_current_snapshot())::text AS next
  FROM "AuditEntry" e WHERE e.sequence > $1 ORDER BY e.sequence LIMIT $2`;

async function entriesIn(client: pg.PoolClient, gaps: readonly Gap[]): Promise<ChainedEntry[]> {
  const text = `SELECT ${CHAINED} FROM unnest($1::bigint[], $2::bigint[]) AS g(first, last)
    JOIN "AuditEntry" e ON e.sequence BETWEEN g.first AND g.last ORDER BY e.sequence`;
  const { rows } = await client.query<ChainedEntry>(text, [
    gaps.map(({ first }) => first),
    gaps.map(({ last }) => last),
  ]);
  return rows;
}

/** The gap, unless its numbers will never be used. */
function stillOpen(gap: Gap, { running, next, now }: Chain, patience: number): Gap[] {
  // Transaction IDs only go back if the database was restored elsewhere.
  if (BigInt(next) < BigInt(gap.before)) return [{ ...gap, before: next, since: now }];
  return BigInt(running) >= BigInt(gap.before) && now - gap.since >= patience ? [] : [gap];
}

/** The parts of a gap between entries that turned up in it. */
function without(gap: Gap, entries: readonly ChainedEntry[]): Gap[] {
  const last = BigInt(gap.last);
  const inside = entries.map(({ sequence }) => BigInt(sequence)).filter((n) => n >= BigInt(gap.first) && n <= last);
  return rangesBetween(BigInt(gap.first) - 1n, [...inside, last + 1n]).map((range) => ({ ...gap, ...range }));
}

/** The numbers that are missing between entries. */
function gapsIn({ sequence, now }: Chain, entries: readonly (ChainedEntry & { next: string })[]): Gap[] {
  const before = entries[0]?.next ?? "0";
  const numbers = entries.map((entry) => BigInt(entry.sequence));
  return rangesBetween(BigInt(sequence), numbers).map((range) => ({ ...range, before, since: now }));
}

function rangesBetween(start: bigint, numbers: readonly bigint[]): Pick<Gap, "first" | "last">[] {
  return numbers.flatMap((number, n) => {
    const previous = numbers[n - 1] ?? start;
    return number - previous > 1n ? [{ first: String(previous + 1n), last: String(number - 1n) }] : [];
  });
}

async function store(
  client: pg.PoolClient,
  chain: Chain,
  entries: readonly ChainedEntry[],
  { sequence, gaps }: { sequence: string; gaps: readonly Gap[] },
): Promise<void> {
  let position = BigInt(chain.position);
  let hash = chain.hash;
  const seals = entries.map((entry) => {
    position += 1n;
    const content = contentOf(position, entry);
    hash = linkOf(hash, content);
    return {
      position: String(position),
      entryId: entry.id,
      content: content.toString("hex"),
      hash: hash.toString("hex"),
    };
  });
  if (seals.length > 0) await client.query(SEAL, [JSON.stringify(seals)]);
  await client.query(`UPDATE "AuditChain" SET position = $1, hash = $2, sequence = $3, gaps = $4`, [
    ...[String(position), hash, sequence, JSON.stringify(gaps)],
  ]);
}

const SEAL = `INSERT INTO "AuditSeal" (position, "entryId", content, hash)
  SELECT position, "entryId", decode(content, 'hex'), decode(hash, 'hex')
  FROM json_to_recordset($1::json) AS s(position bigint, "entryId" text, content text, hash text)`;
