import type { Services } from "../../../access/context.ts";
import { lineOf } from "../status/fields.ts";
import { OUT_OF_REACH } from "../status/reasons.ts";

interface Writer {
  db: Pick<Services["db"], "$executeRaw">;
}

/** Characters of a stored reason. */
const MAX_REASON = 1_000;

/**
 * Stores why the wanted state cannot be applied. The Deployment is UNHEALTHY until it can; while its cluster is out of reach, it
 * stays unknown.
 */
export async function storeProblem({ db }: Writer, deploymentId: string, problem: string): Promise<void> {
  const reason = lineOf(problem, MAX_REASON);
  // The row is missing while the first state could not be applied: then only the Deployment tells. Otherwise it is locked
  // first, as the watch does, which then either sees the problem or has already stored its status. In the second case, WHERE
  // would still see the earlier status; only SET sees the one that the watch has stored.
  await db.$executeRaw`
    WITH locked AS (SELECT id FROM "Provision" WHERE id = ${deploymentId} FOR UPDATE), p AS (
      UPDATE "Provision" SET problem = ${reason},
        "problemSince" = coalesce("problemSince", now() AT TIME ZONE 'utc'), "updatedAt" = now() AT TIME ZONE 'utc'
      WHERE id IN (SELECT id FROM locked) AND problem IS DISTINCT FROM ${reason})
    UPDATE "Deployment" SET
      status = CASE WHEN starts_with("statusReason", ${OUT_OF_REACH}) THEN status ELSE 'UNHEALTHY' END,
      "statusReason" = CASE WHEN starts_with("statusReason", ${OUT_OF_REACH}) THEN "statusReason" ELSE ${reason} END
    FROM (SELECT count(*) FROM locked) first WHERE id = ${deploymentId} AND "deletedAt" IS NULL`;
}

/** Stores what a Deployment waits for of which nothing else is known yet. The watch replaces it as soon as it knows more. */
export async function storeFirstReason({ db }: Writer, deploymentId: string, reason: string): Promise<void> {
  await db.$executeRaw`UPDATE "Deployment" SET "statusReason" = ${reason}
    WHERE id = ${deploymentId} AND status = 'UNKNOWN' AND "statusReason" IS NULL AND "deletedAt" IS NULL`;
}

/** What to write when there is no problem any more. */
export const noProblem = { problem: null, problemSince: null };
