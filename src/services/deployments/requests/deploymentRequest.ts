import type { z } from "zod";
import type { astroMachines, schedulerSizes } from "../../../platform/config/deploymentOptions.ts";
import type { VariablesInput } from "../configuration/environmentVariables.ts";

/** Where a Deployment runs: on a cluster of that type, or (STANDARD) on whichever the platform has. */
export type DeploymentType = "DEDICATED" | "HYBRID" | "STANDARD";

/** How tasks run. ASTRO is CELERY without Celery's broker; the platform provides it as CeleryExecutor. */
export type ExecutorName = "CELERY" | "KUBERNETES" | "ASTRO";

/** The executor of GraphQL for each. */
export const executorTypes = {
  CELERY: "CeleryExecutor",
  ASTRO: "CeleryExecutor",
  KUBERNETES: "KubernetesExecutor",
} as const;

/** A worker queue as clients describe it; `nodePoolId` on clusters of type HYBRID, otherwise `astroMachine`. */
export interface WorkerQueueRequest {
  id?: string | undefined;
  name: string;
  isDefault: boolean;
  astroMachine?: (typeof astroMachines)[number] | undefined;
  nodePoolId?: string | undefined;
  minWorkerCount: number;
  maxWorkerCount: number;
  workerConcurrency: number;
}

/** When a Deployment sleeps. */
export interface ScalingSpecRequest {
  hibernationSpec?:
    | {
        override?: { isHibernating?: boolean | undefined; overrideUntil?: string | undefined } | undefined;
        schedules?:
          | {
              description?: string | undefined;
              hibernateAtCron: string;
              wakeAtCron: string;
              isEnabled: boolean;
            }[]
          | undefined;
      }
    | undefined;
}

/** Where tasks run outside of the platform. */
export interface RemoteExecutionRequest {
  enabled: boolean;
  allowedIpAddressRanges?: string[] | undefined;
  taskLogBucket?: string | undefined;
  taskLogUrlPattern?: string | undefined;
}

/** What a Deployment is to be, in the words of the Platform API. Omitted fields are unchanged, or get the default. */
export interface DeploymentRequest {
  type: DeploymentType;
  name: string;
  workspaceId: string;
  description?: string | undefined;
  executor: ExecutorName;
  isCicdEnforced: boolean;
  isDagDeployEnabled: boolean;
  contactEmails?: string[] | undefined;
  environmentVariables?: z.output<typeof VariablesInput> | undefined;
  /** "" for none. */
  workloadIdentity?: string | undefined;
  /** "" for none. */
  drWorkloadIdentity?: string | undefined;
  workerQueues?: WorkerQueueRequest[] | undefined;
  /** Of type HYBRID only; the others have `schedulerSize` and `isHighAvailability`. */
  scheduler?: { au: number; replicas: number } | undefined;
  /** Of type HYBRID only. */
  taskPodNodePoolId?: string | undefined;
  schedulerSize?: (typeof schedulerSizes)[number] | undefined;
  isHighAvailability?: boolean | undefined;
  isDevelopmentMode?: boolean | undefined;
  defaultTaskPodCpu?: string | undefined;
  defaultTaskPodMemory?: string | undefined;
  resourceQuotaCpu?: string | undefined;
  resourceQuotaMemory?: string | undefined;
  remoteExecution?: RemoteExecutionRequest | undefined;
  scalingSpec?: ScalingSpecRequest | undefined;
}

/** The request for a new Deployment. */
export interface NewDeploymentRequest extends DeploymentRequest {
  astroRuntimeVersion: string;
  /** Required unless the type is STANDARD. */
  clusterId?: string | undefined;
  cloudProvider?: "AWS" | "AZURE" | "GCP" | undefined;
  region?: string | undefined;
}
