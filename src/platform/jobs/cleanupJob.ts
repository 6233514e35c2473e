import type { Author } from "../audit/recordAudit.ts";
import type { Config } from "../config/config.ts";
import type { JobServices, ScheduledJob } from "./scheduledJob.ts";

/** The jobs whose settings say how many days rows are kept. */
type Cleanup = { [name in ScheduledJob["name"]]: Config[name] extends { olderThan: number } ? name : never };

/** How a cleanup removes rows. */
interface CleanupDefinition {
  name: Cleanup[ScheduledJob["name"]];
  /** What is removed, for the log: "Removed Deployments". */
  counts: string;
  /** Rows per batch. Each batch is short, so that requests do not wait for its locks. */
  size: number;
  /** Removes at most `size` rows from before a time, and returns how many. Skips rows that others have locked. */
  remove(services: JobServices, batch: { before: Date; size: number; author: Author }): Promise<number>;
}

/**
 * A job that removes rows older than `<name>.olderThan` days, batch by batch, until none are left or its signal aborts.
 */
export const cleanupJob = ({ name, counts, size, remove }: CleanupDefinition): ScheduledJob => ({
  name,
  counts,
  async run(services, author, signal) {
    const before = new Date(services.now().getTime() - services.config[name].olderThan * 86_400_000);
    let total = 0;
    while (!signal.aborted) {
      const removed = await remove(services, { before, size, author });
      total += removed;
      if (removed < size) break;
    }
    return total;
  },
});
