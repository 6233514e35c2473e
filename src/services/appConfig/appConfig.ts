import type { Config } from "../../platform/config/config.ts";
import { smtpTransport } from "../../platform/mail/smtpTransport.ts";
import { whyNotDelivered } from "../deployments/dags/whyNotDelivered.ts";
import { onlyHardDeletes } from "../deployments/lifecycle/deleteDeployment.ts";
import { hasLogStore } from "../logs/logStore.ts";

/** Platform information for clients. Depends on the configuration only, so it is available to everyone at any time. */
export function appConfig(config: Config) {
  const { helm, email, deployments, registry, prometheus, elasticsearch } = config;
  const hardDeleteDeployment = deployments.hardDeleteDeployment || onlyHardDeletes({ helm });
  const { updateRegistry } = registry.protectedCustomRegistry;
  return {
    version: helm.releaseVersion,
    baseDomain: helm.baseDomain,
    byoUpdateRegistryHost: updateRegistry.enabled ? updateRegistry.host : null,
    smtpConfigured: smtpTransport(email) !== undefined,
    manualReleaseNames: deployments.manualReleaseNames,
    configureDagDeployment: deployments.configureDagDeployment,
    nfsMountDagDeployment: deployments.nfsMountDagDeployment,
    manualNamespaceNames: deployments.manualNamespaceNames,
    hardDeleteDeployment,
    triggererEnabled: deployments.triggererEnabled,
    prometheusEnabled: prometheus.enabled,
    elasticSearchEnabled: hasLogStore({ elasticsearch }),
    featureFlags: {
      nfsMountDagDeployment: deployments.nfsMountDagDeployment,
      hardDeleteDeployment,
      manualNamespaceNames: deployments.manualNamespaceNames,
      triggererEnabled: deployments.triggererEnabled,
      gitSyncDagDeployment: deployments.gitSyncDagDeployment,
      namespaceFreeFormEntry: deployments.namespaceFreeFormEntry,
      byoUpdateRegistryEnabled: updateRegistry.enabled,
      astroRuntimeEnabled: deployments.astroRuntimeEnabled,
      dagOnlyDeployment: deployments.dagOnlyDeployment && !whyNotDelivered(config, { type: "dag_deploy" }),
    },
  };
}
