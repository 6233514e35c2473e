import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import type { Lease } from "../../../platform/database/lease.ts";
import { lineOf } from "../status/fields.ts";
import { instant, OUT_OF_REACH } from "../status/reasons.ts";
import { type DeploymentState, NO_RELEASE } from "../status/statusOf.ts";
import type { ClusterListener } from "./watchCluster.ts";

/** Options of `storeStatuses`. */
export interface StoreOptions {
  pool: pg.Pool;
  clusterId: string;
  /** Once another process has this lease, nothing is stored any more. */
  lease: Lease;
  log: Logger;
  signal: AbortSignal;
}

/** Milliseconds in which changes are collected. */
const COLLECTED = 50;

/** Milliseconds after which a failed statement is repeated. */
const RETRIED_AFTER = 1_000;

/** Rows of one statement. */
const BATCH = 2_000;

/** What becomes of all Deployments of the cluster but some. */
interface Rest {
  reason: string;
  /** Why a Deployment cannot be applied counts more. */
  problemsFirst: boolean;
  except: readonly string[];
}

/**
 * Writes what the watch of a cluster tells to the Deployments that run there, until the signal aborts: one statement for
 * all that comes within 50 ms, which changes only rows that differ. `updatedAt` stays: a status is no change of the
 * Deployment. What could not be written is tried again, with what has come meanwhile.
 *
 * A Deployment whose wanted state cannot be applied is UNHEALTHY, whatever its release does. Of deleted ones, it notes in
 * `Provision` why they cannot be removed.
 */
export function storeStatuses(options: StoreOptions): Omit<ClusterListener, "releaseGone" | "workloadGone"> {
  const { pool, clusterId, lease, log, signal } = options;
  let rest: Rest | undefined;
  let states = new Map<string, DeploymentState>();
  let writing = false;

  const query = async (text: string, ...values: unknown[]) => {
    const { rows } = await pool.query<{ held: boolean }>(text, [lease.name, lease.holder, clusterId, ...values]);
    if (!rows[0]?.held) throw new Error("Another process watches the cluster");
  };
  const writeRest = async (given: Rest) => {
    await query(WRITE_REST, given.reason, given.problemsFirst, given.except);
    if (rest === given) rest = undefined;
  };
  const writeBatch = async () => {
    const batch = [...states].slice(0, BATCH);
    const columns = [
      batch.map(([owner]) => owner),
      batch.map(([, { status }]) => status),
      batch.map(([, { reason }]) => reason),
      batch.map(([, { isStuck = false }]) => isStuck),
    ];
    await query(WRITE, ...columns);
    // Not what has changed meanwhile.
    for (const [owner, state] of batch) if (states.get(owner) === state) states.delete(owner);
  };
  const writeAll = async () => {
    let wait = COLLECTED;
    while (await sleep(wait, true, { signal }).catch(() => false)) {
      try {
        while (!signal.aborted && (rest || states.size > 0)) await (rest ? writeRest(rest) : writeBatch());
        break;
      } catch (error) {
        log.warn({ clusterId, reason: (error as Error).message }, "Could not store statuses; will try again");
        wait = RETRIED_AFTER;
      }
    }
    writing = false;
  };
  const begin = () => {
    if (writing) return;
    writing = true;
    void writeAll();
  };
  return {
    listed(all) {
      states = new Map(all);
      rest = { reason: NO_RELEASE.reason, problemsFirst: true, except: [...all.keys()] };
      begin();
    },
    changed(some) {
      for (const [owner, state] of some) states.set(owner, state);
      begin();
    },
    lost(since, cause) {
      states.clear();
      const reason = lineOf(`${OUT_OF_REACH} ${instant(since.getTime())}: ${cause}`, 1_000);
      rest = { reason, problemsFirst: false, except: [] };
      begin();
    },
  };
}

// Both statements lock the rows of "Provision" before those of "Deployment" that they change, as `storeProblem` does: a problem
// that is stored at the same time counts, whichever is first.

/** Whoever wants to take the lease waits until the statement has ended. */
const IF_HELD = `WITH lease AS (SELECT FROM "Lease" WHERE name = $1 AND holder = $2 FOR SHARE)`;

const WRITE = `${IF_HELD}, told AS (
    SELECT p.id, p.problem, t.* FROM unnest($4::text[], $5::"DeploymentStatusType"[], $6::text[], $7::boolean[])
      AS t(owner, status, reason, "isStuck")
    JOIN "Provision" p ON p.id = split_part(t.owner, '/', 2) AND p.namespace = split_part(t.owner, '/', 1)
    LEFT JOIN "Deployment" d ON d.id = p.id AND d."deletedAt" IS NULL
    WHERE p."clusterId" = $3 AND EXISTS (SELECT FROM lease)
      AND CASE WHEN d.id IS NULL THEN t."isStuck" ELSE (d.status, d."statusReason") IS DISTINCT FROM
        (CASE WHEN p.problem IS NULL THEN t.status ELSE 'UNHEALTHY' END, coalesce(p.problem, t.reason)) END
    FOR SHARE OF p
  ), wanted AS (
    SELECT id, CASE WHEN problem IS NULL THEN status ELSE 'UNHEALTHY' END AS status, coalesce(problem, reason) AS reason
    FROM told
  ), written AS (
    UPDATE "Deployment" d SET status = w.status, "statusReason" = w.reason FROM wanted w
    WHERE d.id = w.id AND d."deletedAt" IS NULL
      AND (d.status, d."statusReason") IS DISTINCT FROM (w.status, w.reason)
  ), stuck AS (
    UPDATE "Provision" p SET problem = t.reason, "problemSince" = coalesce(p."problemSince", now() AT TIME ZONE 'UTC'),
      "updatedAt" = now() AT TIME ZONE 'UTC' FROM told t
    WHERE p.id = t.id AND t."isStuck" AND p.problem IS DISTINCT FROM t.reason
      AND NOT EXISTS (SELECT FROM "Deployment" d WHERE d.id = t.id AND d."deletedAt" IS NULL)
  ) SELECT EXISTS (SELECT FROM lease) AS held`;

const WRITE_REST = `${IF_HELD}, rest AS (
    SELECT p.id, CASE WHEN $5::boolean THEN p.problem END AS problem
    FROM "Provision" p JOIN "Deployment" d ON d.id = p.id AND d."deletedAt" IS NULL
    WHERE p."clusterId" = $3 AND EXISTS (SELECT FROM lease)
      AND (d.status, d."statusReason") IS DISTINCT FROM
        (CASE WHEN $5::boolean AND p.problem IS NOT NULL THEN 'UNHEALTHY' ELSE 'UNKNOWN' END::"DeploymentStatusType",
         CASE WHEN $5::boolean THEN coalesce(p.problem, $4) ELSE $4 END)
      AND NOT EXISTS (SELECT FROM unnest($6::text[]) AS x(owner) WHERE x.owner = p.namespace || '/' || p.id)
    FOR SHARE OF p
  ), wanted AS (
    SELECT id, (CASE WHEN problem IS NULL THEN 'UNKNOWN' ELSE 'UNHEALTHY' END)::"DeploymentStatusType" AS status,
      coalesce(problem, $4) AS reason FROM rest
  ), written AS (
    UPDATE "Deployment" d SET status = w.status, "statusReason" = w.reason FROM wanted w
    WHERE d.id = w.id AND d."deletedAt" IS NULL
      AND (d.status, d."statusReason") IS DISTINCT FROM (w.status, w.reason)
  ) SELECT EXISTS (SELECT FROM lease) AS held`;
