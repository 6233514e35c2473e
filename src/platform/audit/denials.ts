import type pg from "pg";
import type { Logger } from "pino";
import { newId } from "../secrets/newId.ts";

/** A denied change, or a failed sign-in. All values are plain and short. */
export interface Denial {
  outcome: "DENIED" | "FAILED";
  action: string;
  actor: string;
  entityType: string;
  entityId: string;
  workspaceId: string | null;
  requestId: string | null;
  address: string | null;
  via: string | null;
  /** Why: the code of the error. */
  detail: Record<string, unknown>;
}

/** Writes denials to the audit log without anybody waiting for it. */
export interface Denials {
  record(denial: Denial): void;
  /** Writes what is waiting, except the counts of the current minute. */
  flush(): Promise<void>;
  /** Writes everything and stops. */
  stop(): Promise<void>;
}

/** How soon a denial is written, in milliseconds. */
const DELAY = 100;

/** How long equal denials are counted, in milliseconds. */
const PERIOD = 60_000;

/** Rows that wait for the database, in multiples of those of one minute. */
const MAX_WAITING_MINUTES = 5;

type Row = Denial & { id: string; createdAt: string; count: number };

interface Counter {
  denial: Denial;
  /** Those that came after the one that was written. */
  further: number;
}

/**
 * Records denials in batches. The first of a caller, action, row and address is written at once; further ones within a
 * minute are counted in a second row. With `maxPerMinute` rows, the rest of the minute is counted in one row for each
 * outcome, so that a flood cannot fill the disk. While the database is unavailable, five minutes of rows are kept.
 */
export function createDenials(
  { pool, log, now }: { pool: Pick<pg.Pool, "query">; log: Logger; now(): Date },
  { maxPerMinute, period = PERIOD }: { maxPerMinute: number; period?: number },
): Denials {
  let counters = new Map<string, Counter>();
  let waiting: Row[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const add = (denial: Denial, count: number) => {
    if (waiting.length < maxPerMinute * MAX_WAITING_MINUTES)
      waiting.push({ ...denial, id: newId(), createdAt: now().toISOString(), count });
  };
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      flush().catch((error: unknown) => log.warn({ err: error }, "Could not write denials to the audit log"));
    }, DELAY).unref();
  };
  const write = async () => {
    const batch = waiting;
    waiting = [];
    try {
      await pool.query({ name: "recordDenials", text: INSERT, values: [JSON.stringify(batch)] });
    } catch (error) {
      waiting = [...batch, ...waiting].slice(0, maxPerMinute * MAX_WAITING_MINUTES);
      throw error;
    }
  };
  const flush = async (): Promise<void> => {
    // One statement at a time, so that a flood takes at most one connection.
    while (writing) await writing.catch(() => undefined);
    if (waiting.length === 0) return;
    writing = write().finally(() => {
      writing = undefined;
    });
    await writing;
  };
  const endPeriod = () => {
    for (const { denial, further } of counters.values()) if (further > 0) add(denial, further);
    counters = new Map();
    if (waiting.length > 0) soon();
  };
  const periods = setInterval(endPeriod, period).unref();

  return {
    record(denial) {
      const { outcome, actor, action, address, via, entityId } = denial;
      const key = JSON.stringify([outcome, actor, action, address, via, entityId]);
      const known = counters.get(key);
      if (known) {
        known.further += 1;
      } else if (counters.size < maxPerMinute) {
        counters.set(key, { denial, further: 0 });
        add(denial, 1);
        soon();
      } else {
        const several = counters.get(outcome);
        counters.set(outcome, { denial: several?.denial ?? ofSeveral(denial), further: (several?.further ?? 0) + 1 });
      }
    },
    flush,
    async stop() {
      clearInterval(periods);
      clearTimeout(timer);
      endPeriod();
      clearTimeout(timer);
      await flush();
    },
  };
}

const ofSeveral = ({ outcome }: Denial): Denial => ({
  ...{ outcome, action: "several", actor: "several", entityType: "Platform", entityId: "1" },
  ...{ workspaceId: null, requestId: null, address: null, via: null, detail: {} },
});

const INSERT = `INSERT INTO "AuditEntry" (id, "createdAt", outcome, count, action, actor, "entityType", "entityId", "workspaceId",
    "requestId", address, via, detail)
  SELECT id, "createdAt", outcome, count, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via, detail
  FROM jsonb_to_recordset($1::jsonb) AS d(id text, "createdAt" timestamp, outcome "AuditOutcome", count int, action text,
    actor text, "entityType" text, "entityId" text, "workspaceId" text, "requestId" text, address text, via text, detail jsonb)`;
