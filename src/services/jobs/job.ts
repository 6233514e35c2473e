import type { Services } from "../../access/context.ts";
import type { Author } from "../../platform/audit/recordAudit.ts";

/** Work that is done on schedule, or by hand with a mutation. */
export interface ScheduledJob {
  /** Name of its settings and of its task. */
  name: "syncDataplaneClusters" | "cleanupDeployments" | "cleanupDeployRevisions" | "cleanupClusterAudits";
  /** What `run` counts, for the log: "Removed Deployments". */
  counts: string;
  /**
   * Does all the work, or as much as possible until the signal aborts, and returns how many rows it concerned. Safe to
   * run twice, or on two servers at the same time.
   */
  run(services: JobServices, author: Author, signal: AbortSignal): Promise<number>;
}

/** What jobs use of the services. */
export type JobServices = Pick<Services, "config" | "db" | "log" | "now">;

/** `days` days ago. */
export const daysAgo = ({ now }: Pick<Services, "now">, days: number) => new Date(now().getTime() - days * 86_400_000);
