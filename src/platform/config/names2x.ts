/**
 * The names of settings and groups in platforms from 2.0 on, by the name that Houston reads. A group's name applies to
 * everything below it. null: there is no such setting in 2.x, but Houston still reads it under its only name.
 */
export const renamed: Readonly<Record<string, string | null>> = {
  emailConfirmation: "emailConfirmation.enabled",
  publicSignups: "publicSignups.enabled",
  subdomainHttpsEnabled: "subdomainHttps.enabled",
  updateRuntimeCheckEnabled: "updateRuntimeCheck.enabled",
  updateAirflowCheckEnabled: "updateAirflowCheck.enabled",
  useAutoCompleteForSensitiveFields: "autoCompleteForSensitiveFields.enabled",
  shouldLogUsername: "logUsername.enabled",
  disableSSLVerify: "sslVerification.enabled",
  "auth.openidConnect.idpGroupsImportEnabled": "auth.openidConnect.idpGroupsImport.enabled",
  "auth.openidConnect.idpGroupsRefreshEnabled": "auth.openidConnect.idpGroupsRefresh.enabled",
  "auth.openidConnect.insecureIDPTokenLog": "auth.openidConnect.insecureIDPTokenLog.enabled",
  "webserver.playground": "webserver.graphqlPlayground.enabled",
  "nats.tlsEnabled": "nats.tls.enabled",
  "workers.dplink.debugEnabled": "workers.dplink.debug.enabled",
  "apollo.auditMiddlewareEnabled": "apollo.auditMiddleware.enabled",
  "helm.rbacEnabled": "helm.rbac.enabled",
  "deployments.performanceOptimizationModeEnabled": "deployments.performanceOptimization.enabled",
  "deployments.logHelmValues": "deployments.logHelmValues.enabled",
  "deployments.upsertExtraIniAllowed": "deployments.upsertDeployment.extraIniAllowed",
  "deployments.canUpsertDeploymentFromUI": "deployments.upsertDeployment.allowFromUi.enabled",
  "deployments.airflowV3": "deployments.runtimeManagement.airflowV3",
  "deployments.customImageShaEnabled": "deployments.runtimeManagement.customImageSha.enabled",
  "deployments.enableListAllRuntimeVersions": "deployments.runtimeManagement.listAllRuntimeVersions.enabled",
  "deployments.runtimeEnvOverideSemverCheck": "deployments.runtimeManagement.runtimeEnvOverrideSemverCheck",
  "deployments.astroRuntimeReleasesFile": "deployments.runtimeManagement.astroRuntimeReleasesFile",
  "deployments.airflowMinimumAstroRuntimeVersion": "deployments.runtimeManagement.airflowMinimumAstroRuntimeVersion",
  "deployments.loggingSidecar": "deployments.logging.loggingSidecar",
  "deployments.elasticsearch": "deployments.logging.elasticsearch",
  "deployments.configureDagDeployment": "deployments.deployMechanisms.configureDagDeployment.enabled",
  "deployments.dagOnlyDeployment": "deployments.deployMechanisms.dagOnlyDeployment.enabled",
  "deployments.nfsMountDagDeployment": "deployments.deployMechanisms.nfsMountDagDeployment.enabled",
  "deployments.gitSyncDagDeployment": "deployments.deployMechanisms.gitSyncDagDeployment.enabled",
  "deployments.gitSyncRelay": "deployments.deployMechanisms.gitSyncRelay",
  "deployments.triggererEnabled": "deployments.airflowComponents.triggerer.enabled",
  "deployments.dagProcessorEnabled": "deployments.airflowComponents.dagProcessor.enabled",
  "deployments.disableManageResourceQuotasAndLimitRanges": "deployments.resourceManagement.resourceQuotas.enabled",
  "deployments.components": "deployments.resourceManagement.components",
  "deployments.executors": "deployments.resourceManagement.executors",
  "deployments.astroUnit": "deployments.resourceManagement.astroUnit",
  "deployments.maxExtraCapacity": "deployments.resourceManagement.maxExtraCapacity",
  "deployments.maxPodCapacity": "deployments.resourceManagement.maxPodCapacity",
  "deployments.sidecars": "deployments.resourceManagement.sidecars",
  "deployments.overProvisioningFactorMem": "deployments.resourceManagement.overProvisioningFactorMem",
  "deployments.overProvisioningFactorCPU": "deployments.resourceManagement.overProvisioningFactorCPU",
  "deployments.overProvisioningComponents": "deployments.resourceManagement.overProvisioningComponents",
  "deployments.manualReleaseNames": "deployments.namespaceManagement.manualReleaseNames.enabled",
  "deployments.manualNamespaceNames": "deployments.namespaceManagement.manualNamespaceNames.enabled",
  "deployments.namespaceFreeFormEntry": "deployments.namespaceManagement.namespaceFreeFormEntry.enabled",
  "deployments.preDeploymentValidationHook":
    "deployments.namespaceManagement.namespaceFreeFormEntry.preDeploymentValidationHook",
  "deployments.preDeploymentValidationHookTimeout":
    "deployments.namespaceManagement.namespaceFreeFormEntry.preDeploymentValidationHookTimeout",
  "deployments.namespaceLabels": "deployments.namespaceManagement.namespaceLabels",
  "deployments.preCreatedNamespaces": "deployments.namespaceManagement.preCreatedNamespaces",
  "deployments.deployRollback": "deployments.deploymentLifecycle.deployRollback",
  "deployments.deployRollback.enableDagTarballVersionValidation":
    "deployments.deploymentLifecycle.deployRollback.dagTarballVersionValidation.enabled",
  "deployments.cleanupAirflowDb": "deployments.deploymentLifecycle.cleanupAirflowDb",
  "deployments.database": "deployments.databaseManagement.database",
  "deployments.manualConnectionStrings": "deployments.databaseManagement.manualConnectionStrings.enabled",
  "deployments.pgBouncerResourceCalculationStrategy":
    "deployments.databaseManagement.pgBouncerResourceCalculationStrategy",
  "deployments.exposeDockerWebhookEndpoint": "deployments.deploymentImagesRegistry.exposeDockerWebhookEndpoint.enabled",
  "deployments.enableUpdateDeploymentImageEndpoint":
    "deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled",
  "deployments.enableUpdateDeploymentImageEndpointDockerValidation":
    "deployments.deploymentImagesRegistry.updateDeploymentImageEndpointDockerValidation.enabled",
  "deployments.serviceAccountAnnotationKey": "deployments.deploymentImagesRegistry.serviceAccountAnnotationKey",
  "deployments.grafanaUIEnabled": "deployments.metricsReporting.grafana.enabled",
  "deployments.taskUsageReport.taskUsageMetricsEnabled": "deployments.metricsReporting.taskUsageMetrics.enabled",
  "deployments.taskUsageReport.taskUsageReportNumberOfDays":
    "deployments.metricsReporting.taskUsageMetrics.reportNumberOfDays",
  "deployments.pagination": "deployments.metricsReporting.pagination",
  "deployments.mockWebhook.krbEnabled": "deployments.mockWebhook.krb.enabled",
  "deployments.mockWebhook.krbRealm": "deployments.mockWebhook.krb.realm",
  "deployments.hardDeleteDeployment": null,
  "deployments.upsertDeploymentEnabled": null,
  "deployments.enableSystemAdminCanCreateDeprecatedAirflows": null,
  "deployments.defaultDistribution": null,
  "deployments.astroUnitsEnabled": null,
  "deployments.resourceProvisioningStrategy": null,
  "deployments.maxPodAu": null,
};

/** Settings whose 2.x name means the opposite: `disableSSLVerify: true` is `sslVerification: {enabled: false}`. */
export const inverted: ReadonlySet<string> = new Set([
  "disableSSLVerify",
  "deployments.disableManageResourceQuotasAndLimitRanges",
]);

/** Other names that are accepted, and the setting that each of them sets. */
export const otherNames: Readonly<Record<string, string>> = {
  "webserver.graphqlPlaygroundEnabled": "webserver.playground",
  "deployments.namespaceFreeFormEntry.enabled": "deployments.namespaceFreeFormEntry",
  "deployments.deploymentLifecycle.deployRollback.enableDagTarballVersionValidation":
    "deployments.deployRollback.enableDagTarballVersionValidation",
  "deployments.deploymentLifecycle.hardDeleteDeployment": "deployments.hardDeleteDeployment",
  "deployments.namespaceManagement.hardDeleteDeployment": "deployments.hardDeleteDeployment",
};

/** Groups that may be given as a boolean, and the name below the group that it stands for. */
export const shortForms: ReadonlyMap<string, string> = new Map([
  ["deployments.airflowV3", "enabled"],
  ["deployments.runtimeManagement.airflowV3", "enabled"],
  ["deployments.namespaceManagement.namespaceFreeFormEntry", "enabled"],
  ["deployments.deployRollback", "enabled"],
  ["deployments.deploymentLifecycle.deployRollback", "enabled"],
  ["deployments.cleanupAirflowDb", "enabled"],
  ["deployments.deploymentLifecycle.cleanupAirflowDb", "enabled"],
  ["deployments.taskUsageReport", "taskUsageMetricsEnabled"],
  ["deployments.metricsReporting.taskUsageMetrics", "enabled"],
]);
