import { createHash } from "node:crypto";

/** An entry as the chain covers it: all columns, as text that PostgreSQL writes the same way for every session. */
export interface ChainedEntry {
  id: string;
  sequence: string;
  createdAt: string;
  action: string;
  actor: string;
  outcome: string;
  count: number;
  entityType: string;
  entityId: string;
  workspaceId: string | null;
  requestId: string | null;
  address: string | null;
  via: string | null;
  detail: string;
}

/** The columns of an entry `e`, as in ChainedEntry. */
export const CHAINED = `e.id, e.sequence, to_char(e."createdAt", 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt", e.action,
  e.actor, e.outcome, e.count, e."entityType", e."entityId", e."workspaceId", e."requestId", e.address, e.via,
  e.detail::text AS detail`;

/** What a chain begins with. */
export const START = Buffer.alloc(32);

/** SHA-256 of an entry at its position, written as JSON with its members in a fixed order. */
export function contentOf(position: bigint, e: ChainedEntry): Buffer {
  const canonical = JSON.stringify({
    ...{
      action: e.action,
      actor: e.actor,
      address: e.address,
      count: e.count,
      createdAt: e.createdAt,
      detail: e.detail,
    },
    ...{ entityId: e.entityId, entityType: e.entityType, id: e.id, outcome: e.outcome, position: String(position) },
    ...{ requestId: e.requestId, sequence: e.sequence, via: e.via, workspaceId: e.workspaceId },
  });
  return createHash("sha256").update(canonical).digest();
}

/** The hash of a position: SHA-256 of the hash of the previous position and of the content. */
export const linkOf = (previous: Buffer, content: Buffer): Buffer =>
  createHash("sha256").update(previous).update(content).digest();

/** A range of sequence numbers that no visible entry had when later ones were sealed. */
export interface Gap {
  first: string;
  last: string;
  /** Every transaction that may still use them has a lower ID. */
  before: string;
  /** When it was first seen, in milliseconds since 1970, by the clock of the database. */
  since: number;
}
