import type { Config } from "../../../platform/config/config.ts";
import type { DagDeployment } from "./dagDeployment.ts";

/** Why DAGs cannot be delivered in some way. */
interface Refusal {
  /** The field that chooses it. */
  field: string;
  reason: string;
}

/**
 * Why no Deployment of this platform can get its DAGs this way; undefined if one can. While Houston makes nothing run
 * (`provisioner: none`), every way is possible.
 */
export const whyNotDelivered = (config: Config, way: DagDeployment): Refusal | undefined =>
  config.provisioner === "flux" ? whyNotByChart(config, way) : undefined;

/** Why the chart in `flux.profile` cannot deliver DAGs this way; undefined if it can. */
export function whyNotByChart(
  { flux }: Pick<Config, "flux">,
  { type, gitSyncRepoFetchMode }: DagDeployment,
): Refusal | undefined {
  if (type === "dag_deploy" && flux.profile === "apache") {
    const reason = "dag_deploy is not available: the chart has no server for DAGs; choose image, git_sync or volume";
    return { field: "dagDeployment.type", reason };
  }
  if (type === "git_sync" && gitSyncRepoFetchMode?.toLowerCase() === "webhook") {
    const reason = "webhook is not available: the chart has no receiver for it; choose poll";
    return { field: "dagDeployment.gitSyncRepoFetchMode", reason };
  }
  return undefined;
}
