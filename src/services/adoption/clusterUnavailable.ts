import { AppError } from "../../platform/errors/appError.ts";

/** What only a look into a cluster could answer; nothing here speaks to clusters. */
export const clusterUnavailable = (what: string) =>
  new AppError("CLUSTER_UNAVAILABLE", `This platform has no connection to its clusters, so it cannot ${what}`);
