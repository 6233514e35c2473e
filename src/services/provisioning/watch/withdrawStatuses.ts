import { setTimeout as sleep } from "node:timers/promises";
import type { Services } from "../../../access/context.ts";

/** How often clusters are looked for that nobody watches any more, while others are watched. In milliseconds. */
const INTERVAL = 30_000;

/**
 * For a platform without a provisioner: makes the Deployments unknown that Houston had on a cluster while it had one, because
 * nothing would ever change their last status. Once for each cluster, as soon as no replica with the earlier configuration
 * watches it: what a controller of the operator reports later is left alone. Returns once it has looked at all clusters, and
 * goes on until `stop` if some were watched.
 */
export async function withdrawStatuses(
  { pool, log }: Pick<Services, "pool" | "log">,
  { interval = INTERVAL }: { interval?: number } = {},
): Promise<{ stop(): Promise<void> }> {
  const stopped = new AbortController();
  /** True if some cluster was watched until now, or is: a replica that waited for it may take over in the next moment. */
  const withdraw = async () => {
    try {
      const { rows } = await pool.query<{ ended: string[]; remains: boolean }>(WITHDRAW);
      for (const clusterId of rows[0]?.ended ?? [])
        log.info({ clusterId }, "No longer watching a cluster: provisioner is none");
      return rows[0]?.remains === true;
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "Could not withdraw statuses; will try again");
      return true;
    }
  };
  const pause = () => sleep(interval, true, { signal: stopped.signal }).catch(() => false);
  const goOn = async () => {
    while ((await pause()) && (await withdraw()));
  };
  const working = (await withdraw()) ? goOn() : undefined;
  return {
    async stop() {
      stopped.abort();
      await working;
    },
  };
}

const WITHDRAW = `WITH watched AS (
    SELECT name, "expiresAt" <= now() AT TIME ZONE 'UTC' AS "hasEnded" FROM "Lease" WHERE name LIKE 'watch:%'
  ), ended AS (
    DELETE FROM "Lease" USING watched w WHERE "Lease".name = w.name AND w."hasEnded"
      AND "Lease"."expiresAt" <= now() AT TIME ZONE 'UTC'
    RETURNING substr(w.name, length('watch:') + 1) AS "clusterId"
  ), written AS (
    UPDATE "Deployment" d SET status = 'UNKNOWN', "statusReason" = 'No provisioner is configured'
    FROM "Provision" p JOIN ended USING ("clusterId")
    WHERE d.id = p.id AND p."removedAt" IS NULL AND d."deletedAt" IS NULL
  ) SELECT array(SELECT "clusterId" FROM ended) AS ended, EXISTS (SELECT FROM watched) AS remains`;
