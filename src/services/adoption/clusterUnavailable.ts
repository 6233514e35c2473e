import { AppError } from "../../platform/errors/appError.ts";

/** For operations that need access to a cluster: Houston has no connection to clusters. */
export const clusterUnavailable = (what: string) =>
  new AppError("CLUSTER_UNAVAILABLE", `This platform has no connection to its clusters, so it cannot ${what}`);
