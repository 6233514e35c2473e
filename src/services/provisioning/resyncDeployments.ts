import type { ScheduledJob } from "../../platform/jobs/scheduledJob.ts";
import { addAllJobs } from "./jobs/addAllJobs.ts";

/**
 * Adds the job of every Deployment that is to run, and of everything that is to be removed from a cluster: it mends what
 * was missed while no job was added, and what others changed on the cluster.
 */
export const resyncDeployments: ScheduledJob = {
  name: "resyncDeployments",
  counts: "Deployments to apply again",
  run: ({ config, db }) => (config.provisioner === "none" ? Promise.resolve(0) : addAllJobs(db)),
};
