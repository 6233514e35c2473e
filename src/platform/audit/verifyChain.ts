import type pg from "pg";
import { CHAINED, type ChainedEntry, contentOf, type Gap, linkOf } from "./chain.ts";

/** A position and its hash, as an earlier verification printed them. */
export interface Head {
  position: bigint;
  hash: string;
}

/** What a verification found. */
export interface Verification {
  /** The first position after the start of the chain, which the retention moves. */
  first: bigint;
  /** Positions whose entries are unchanged. */
  verified: number;
  /** Positions whose entries a cleanup removed and recorded. */
  removed: number;
  /** Entries that are not part of the chain yet. */
  unsealed: number;
  /** The last position of the chain that is intact, and its hash. */
  head: Head;
  /** The first position that is not intact, and why. */
  broken?: { position: bigint; reason: string };
}

const PAGE = 1_000;

/**
 * Recomputes the hash chain of the audit log, in one snapshot: what is sealed meanwhile does not matter. `expected`: a head
 * that must be part of the chain.
 */
export async function verifyChain(client: pg.ClientBase, expected?: Head): Promise<Verification> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return await verify(client, expected);
  } finally {
    await client.query("ROLLBACK");
  }
}

interface Chain {
  position: string;
  hash: Buffer;
  anchorPosition: string;
  anchorHash: Buffer;
  sequence: string;
  gaps: Gap[];
}

async function verify(client: pg.ClientBase, expected: Head | undefined): Promise<Verification> {
  const { rows } = await client.query<Chain>(`SELECT * FROM "AuditChain"`);
  const [chain] = rows;
  if (!chain) throw new Error("The database has no hash chain of the audit log: its row was removed");
  const found = await verifySeals(client, chain, expected);
  const { unsealed, inserted } = await verifyOthers(client, chain);
  const broken = earliest([found.broken, inserted]);
  return { ...found, unsealed, ...(broken && { broken }) };
}

type Broken = NonNullable<Verification["broken"]>;

const earliest = (all: (Broken | undefined)[]): Broken | undefined =>
  all.filter((one) => one !== undefined).toSorted((one, other) => Number(one.position - other.position))[0];

interface Seal extends ChainedEntry {
  position: string;
  entryId: string;
  content: Buffer;
  hash: Buffer;
}

async function verifySeals(client: pg.ClientBase, chain: Chain, expected: Head | undefined) {
  const start = BigInt(chain.anchorPosition);
  const head = { position: start, hash: chain.anchorHash };
  const counts = { verified: 0, removed: 0 };
  const result = (reason?: string) => ({
    ...{ first: start + 1n, ...counts, head: { position: head.position, hash: head.hash.toString("hex") } },
    ...(reason !== undefined && { broken: { position: head.position + 1n, reason } }),
  });
  if (!(await isRecorded(client, chain)))
    return result("the chain begins here, but no entry says that older ones expired");
  const isRemoved = await removedPositions(client);
  for (;;) {
    const { rows } = await client.query<Seal>(SEALS, [String(head.position), PAGE]);
    for (const seal of rows) {
      const position = head.position + 1n;
      if (BigInt(seal.position) !== position) return result("its seal was removed");
      if (position > BigInt(chain.position)) return result("its seal was added after the end of the chain");
      // Without an entry, the columns of the outer join are null.
      const exists = (seal.id as string | null) !== null;
      if (!exists && !isRemoved(position)) return result(`the entry ${seal.entryId} was removed`);
      if (exists && !contentOf(position, seal).equals(seal.content))
        return result(`the entry ${seal.entryId} was changed`);
      if (!linkOf(head.hash, seal.content).equals(seal.hash)) return result("its seal was changed");
      if (expected?.position === position && expected.hash !== seal.hash.toString("hex"))
        return result("its hash differs from the expected one");
      counts[exists ? "verified" : "removed"] += 1;
      Object.assign(head, { position, hash: seal.hash });
    }
    if (rows.length < PAGE) break;
  }
  if (head.position !== BigInt(chain.position)) return result("its seal was removed");
  if (!head.hash.equals(chain.hash)) return result("the end of the chain was changed");
  if (expected && expected.position > head.position) return result("the chain ends before the expected position");
  if (expected && expected.position < start) return result("the expected position has expired");
  return result();
}

const SEALS = `SELECT s.position, s."entryId", s.content, s.hash, ${CHAINED}
  FROM "AuditSeal" s LEFT JOIN "AuditEntry" e ON e.id = s."entryId" WHERE s.position > $1 ORDER BY s.position LIMIT $2`;

/** Whether an entry of the retention names the start of the chain. */
async function isRecorded(client: pg.ClientBase, { anchorPosition, anchorHash }: Chain): Promise<boolean> {
  if (anchorPosition === "0") return true;
  const { rowCount } = await client.query(
    `SELECT 1 FROM "AuditEntry" WHERE action = 'auditRetention' AND detail->>'position' = $1 AND detail->>'hash' = $2`,
    [anchorPosition, anchorHash.toString("hex")],
  );
  return rowCount !== 0;
}

/** Tells for a position whether a cleanup recorded that it removed its entry. */
async function removedPositions(client: pg.ClientBase): Promise<(position: bigint) => boolean> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT jsonb_array_elements_text(detail->'positions') AS position FROM "AuditEntry"
     WHERE action = 'cleanupClusterAudits' AND jsonb_typeof(detail->'positions') = 'array'`,
  );
  const all = new Set(rows.map(({ position }) => position));
  return (position) => all.has(String(position));
}

/** Entries without a seal: those that wait for one, and those that appeared where everything is sealed. */
async function verifyOthers(client: pg.ClientBase, { sequence, gaps }: Chain) {
  const { rows } = await client.query<{ id: string; sequence: string }>(
    `SELECT e.id, e.sequence FROM "AuditEntry" e
     WHERE NOT EXISTS (SELECT 1 FROM "AuditSeal" s WHERE s."entryId" = e.id) ORDER BY e.sequence`,
  );
  const isExpected = (number: bigint) =>
    number > BigInt(sequence) || gaps.some(({ first, last }) => number >= BigInt(first) && number <= BigInt(last));
  const [first] = rows.filter((row) => !isExpected(BigInt(row.sequence)));
  const unsealed = rows.filter((row) => isExpected(BigInt(row.sequence))).length;
  return { unsealed, inserted: first && (await insertedAt(client, first)) };
}

async function insertedAt(client: pg.ClientBase, { id, sequence }: { id: string; sequence: string }): Promise<Broken> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT coalesce(min(s.position), (SELECT position FROM "AuditChain")) AS position
     FROM "AuditSeal" s JOIN "AuditEntry" e ON e.id = s."entryId" WHERE e.sequence > $1`,
    [sequence],
  );
  return { position: BigInt(rows[0]?.position ?? 0), reason: `the entry ${id} was inserted before it` };
}
