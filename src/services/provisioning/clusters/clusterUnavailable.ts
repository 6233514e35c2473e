import type { Config } from "../../../platform/config/config.ts";
import { AppError } from "../../../platform/errors/appError.ts";

/** For what needs a cluster to which Houston has no connection. `what` completes "it cannot …". */
export function notConnected({ provisioner }: Pick<Config, "provisioner">, what: string): AppError {
  const clusters = provisioner === "none" ? "its clusters" : "this cluster";
  return new AppError("CLUSTER_UNAVAILABLE", `This platform has no connection to ${clusters}, so it cannot ${what}`);
}

/** For a cluster that does not answer, or refuses. `what` completes "Houston cannot …"; the cause must contain no secret. */
export const clusterUnavailable = (what: string, cause: string) =>
  new AppError("CLUSTER_UNAVAILABLE", `Houston cannot ${what}: ${cause}`);
