import { randomUUID } from "node:crypto";
import type { Prisma } from "../../generated/prisma/client.ts";

/**
 * Adds an e-mail job and removes it again. Used for unknown addresses, so that the request writes, commits and takes as long
 * as for a known address.
 */
export async function queueDecoyMail(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT graphile_worker.remove_job(
    (graphile_worker.add_job('sendMail', '{}'::json, job_key => ${randomUUID()}::text)).key
  )`;
}
