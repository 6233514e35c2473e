import { queueBeyond } from "../../platform/concurrency.ts";
import { AppError } from "../../platform/errors/appError.ts";
import type { ScheduledJob } from "../../platform/jobs/scheduledJob.ts";
import { readMetadata, UnreadableMetadata } from "./readMetadata.ts";
import { storeMetadata } from "./storeMetadata.ts";

/** Maximum number of data planes read at the same time by this process. */
const limited = queueBeyond(10);

/**
 * Reads the metadata of every cluster that has a `metadataUrl` and lets its status follow. Throws SERVICE_UNAVAILABLE
 * if the signal aborts before all are read; those that were read are stored.
 */
export const syncDataplaneClusters: ScheduledJob = {
  name: "syncDataplaneClusters",
  counts: "Clusters whose status changed",
  async run(services, author, signal) {
    const { config, db, log } = services;
    const where = { metadataUrl: { not: null } };
    const clusters = await db.cluster.findMany({ where, select: { id: true, name: true, metadataUrl: true } });
    const sync = async (cluster: (typeof clusters)[number]) => {
      const { id, name, metadataUrl } = cluster;
      const result = await readMetadata(config, new URL(metadataUrl ?? ""), signal).catch((error: unknown) => {
        if (error instanceof UnreadableMetadata) return error;
        throw error;
      });
      if (result instanceof Error)
        log.warn({ cluster: id, name, reason: result.message }, "Cannot read cluster metadata");
      return storeMetadata(services, author, cluster, result);
    };
    const results = await Promise.allSettled(clusters.map((cluster) => limited(() => sync(cluster), signal)));
    const failed = results.find((result) => result.status === "rejected");
    if (signal.aborted && failed) {
      throw new AppError("SERVICE_UNAVAILABLE", "Not every cluster could be read in time; try again");
    }
    if (failed) throw failed.reason;
    return results.filter((result) => result.status === "fulfilled" && result.value).length;
  },
};
