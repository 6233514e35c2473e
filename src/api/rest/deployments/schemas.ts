import { z } from "zod";
import { PageInfo, Paging, Strings, Subject, Time } from "../routing/parts.ts";

import { HibernationSchedule } from "./scalingRequests.ts";

const WorkerQueue = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    isDefault: z.boolean(),
    astroMachine: z.string().optional(),
    nodePoolId: z.string().optional(),
    minWorkerCount: z.int(),
    maxWorkerCount: z.int(),
    workerConcurrency: z.int(),
    podCpu: z.string(),
    podMemory: z.string(),
  })
  .meta({ id: "WorkerQueue" });

const DeploymentEnvironmentVariable = z
  .strictObject({
    key: z.string(),
    value: z.string().optional().describe("Absent for secrets."),
    isSecret: z.boolean(),
    updatedAt: Time,
  })
  .meta({ id: "DeploymentEnvironmentVariable" });

const DeploymentRemoteExecution = z
  .strictObject({
    enabled: z.boolean(),
    allowedIpAddressRanges: z.array(z.string()),
    remoteApiUrl: z.string(),
    taskLogBucket: z.string().optional(),
    taskLogUrlPattern: z.string().optional(),
  })
  .meta({ id: "DeploymentRemoteExecution" });

const DeploymentHibernationOverride = z
  .strictObject({ isHibernating: z.boolean(), isActive: z.boolean(), overrideUntil: Time })
  .meta({ id: "DeploymentHibernationOverride" });

const DeploymentHibernationSpec = z
  .strictObject({
    schedules: z.array(HibernationSchedule).optional(),
    override: DeploymentHibernationOverride.optional(),
  })
  .meta({ id: "DeploymentHibernationSpec" });

const DeploymentScalingSpec = z
  .strictObject({ hibernationSpec: DeploymentHibernationSpec.optional() })
  .meta({ id: "DeploymentScalingSpec" });

const DeploymentHibernationStatus = z
  .strictObject({
    isHibernating: z.boolean(),
    nextEventType: z.enum(["HIBERNATE", "WAKE"]).optional(),
    nextEventAt: z.string().optional(),
    reason: z.string().optional(),
  })
  .meta({ id: "DeploymentHibernationStatus" });

const DeploymentScalingStatus = z
  .strictObject({ hibernationStatus: DeploymentHibernationStatus.optional() })
  .meta({ id: "DeploymentScalingStatus" });

export const Deployment = z
  .strictObject({
    id: z.string(),
    organizationId: z.string(),
    workspaceId: z.string(),
    workspaceName: z.string().optional(),
    clusterId: z.string().optional(),
    clusterName: z.string().optional(),
    name: z.string(),
    description: z.string().optional(),
    namespace: z.string(),
    type: z.enum(["DEDICATED", "HYBRID", "STANDARD"]).optional(),
    cloudProvider: z.string().optional(),
    region: z.string().optional(),
    status: z.enum(["CREATING", "DEPLOYING", "HEALTHY", "HIBERNATING", "UNHEALTHY", "UNKNOWN"]),
    statusReason: z.string().optional(),
    executor: z.enum(["CELERY", "KUBERNETES", "ASTRO"]).optional(),
    airflowVersion: z.string(),
    runtimeVersion: z.string(),
    astroRuntimeVersion: z.string(),
    imageRepository: z.string(),
    imageTag: z.string(),
    imageVersion: z.string().optional(),
    isDagDeployEnabled: z.boolean(),
    dagTarballVersion: z.string().optional(),
    desiredDagTarballVersion: z.string().optional(),
    isCicdEnforced: z.boolean(),
    isDevelopmentMode: z.boolean().optional(),
    isHighAvailability: z.boolean().optional(),
    schedulerSize: z.enum(["SMALL", "MEDIUM", "LARGE", "EXTRA_LARGE"]).optional(),
    schedulerAu: z.int().optional(),
    schedulerCpu: z.string(),
    schedulerMemory: z.string(),
    schedulerReplicas: z.int(),
    webServerCpu: z.string(),
    webServerMemory: z.string(),
    webServerReplicas: z.int().optional(),
    webServerUrl: z.string(),
    webServerIngressHostname: z.string(),
    webServerAirflowApiUrl: z.string(),
    uiUrl: z.string(),
    apiUrl: z.string(),
    workerQueues: z.array(WorkerQueue).optional(),
    defaultTaskPodCpu: z.string().optional(),
    defaultTaskPodMemory: z.string().optional(),
    resourceQuotaCpu: z.string().optional(),
    resourceQuotaMemory: z.string().optional(),
    taskPodNodePoolId: z.string().optional(),
    environmentVariables: z
      .array(DeploymentEnvironmentVariable)
      .optional()
      .describe("Absent for callers who may not see them."),
    contactEmails: z.array(z.string()).optional(),
    workloadIdentity: z.string().optional(),
    drWorkloadIdentity: z.string().optional(),
    externalIPs: z.array(z.string()).optional(),
    drExternalIPs: z.array(z.string()).optional(),
    oidcIssuerUrl: z.string().optional(),
    drOidcIssuerUrl: z.string().optional(),
    remoteExecution: DeploymentRemoteExecution.optional(),
    scalingSpec: DeploymentScalingSpec.optional(),
    scalingStatus: DeploymentScalingStatus.optional(),
    createdAt: Time,
    updatedAt: Time,
    createdBy: Subject,
    updatedBy: Subject,
  })
  .meta({ id: "Deployment" });

export const DeploymentsPaginated = z
  .strictObject({ deployments: z.array(Deployment), ...PageInfo })
  .meta({ id: "DeploymentsPaginated" });

export const DeploymentsQuery = z.strictObject({
  deploymentIds: Strings.optional().describe("Only these Deployments."),
  workspaceIds: Strings.optional().describe("Only Deployments of these Workspaces."),
  names: Strings.optional().describe("Only Deployments with one of these names."),
  ...Paging,
});

/** The fields of related rows, which have views of their own. */
export const related = { WorkerQueue, DeploymentEnvironmentVariable };
