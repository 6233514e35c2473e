import type { Services } from "../../../access/context.ts";

/** How often clusters are looked for that nobody watches any more, in milliseconds. */
const INTERVAL = 30_000;

/**
 * For a platform without a provisioner: makes the Deployments unknown that Houston had on a cluster while it had one, because
 * nothing would ever change their last status. Once for each cluster, as soon as no replica with the earlier configuration
 * watches it: what a controller of the operator reports later is left alone.
 */
export function withdrawStatuses(
  { pool, log }: Pick<Services, "pool" | "log">,
  { interval = INTERVAL }: { interval?: number } = {},
): { stop(): Promise<void> } {
  const withdraw = async () => {
    try {
      const { rows } = await pool.query<{ clusterId: string }>(WITHDRAW);
      for (const { clusterId } of rows) log.info({ clusterId }, "No longer watching a cluster: provisioner is none");
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "Could not withdraw statuses; will try again");
    }
  };
  let withdrawing = withdraw();
  const timer = setInterval(() => {
    withdrawing = withdrawing.then(withdraw);
  }, interval);
  return {
    async stop() {
      clearInterval(timer);
      await withdrawing;
    },
  };
}

const WITHDRAW = `WITH ended AS (
    DELETE FROM "Lease" WHERE name LIKE 'watch:%' AND "expiresAt" <= now() AT TIME ZONE 'UTC'
    RETURNING substr(name, length('watch:') + 1) AS "clusterId"
  ), written AS (
    UPDATE "Deployment" d SET status = 'UNKNOWN', "statusReason" = 'No provisioner is configured'
    FROM "Provision" p JOIN ended USING ("clusterId")
    WHERE d.id = p.id AND p."removedAt" IS NULL AND d."deletedAt" IS NULL
  ) SELECT "clusterId" FROM ended`;
