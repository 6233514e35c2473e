import type { Config } from "../../../platform/config/config.ts";
import type { DagDeployment } from "./dagDeployment.ts";

/** Why the chart in `flux.profile` cannot deliver DAGs in some way, with the field that chooses it; undefined if it can. */
export function whyNotDelivered(
  { flux }: Pick<Config, "flux">,
  { type, gitSyncRepoFetchMode }: DagDeployment,
): { field: string; reason: string } | undefined {
  if (type === "dag_deploy" && flux.profile === "apache") {
    const reason = "dag_deploy cannot run: the chart has no server for DAGs; choose image, git_sync or volume";
    return { field: "dagDeployment.type", reason };
  }
  if (type === "git_sync" && gitSyncRepoFetchMode?.toLowerCase() === "webhook") {
    return {
      field: "dagDeployment.gitSyncRepoFetchMode",
      reason: "webhook cannot run: the chart has no receiver; choose poll",
    };
  }
  return undefined;
}

/** Whether Deployments of this platform can get their DAGs in some way. While Houston makes nothing run, they can in any. */
export const canBeDelivered = (config: Pick<Config, "flux" | "provisioner">, way: DagDeployment): boolean =>
  config.provisioner !== "flux" || whyNotDelivered(config, way) === undefined;
