import { randomUUID } from "node:crypto";
import type { Prisma } from "../../generated/prisma/client.ts";

/**
 * Adds a mail job and takes it away again: what a request about an unknown address does instead of sending a mail, so
 * that it writes, commits and takes as long as one about a known address.
 */
export async function queueDecoyMail(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT graphile_worker.remove_job(
    (graphile_worker.add_job('sendMail', '{}'::json, job_key => ${randomUUID()}::text)).key
  )`;
}
