import { z } from "zod";
import { schedulerSizes } from "../../../platform/config/deploymentOptions.ts";
import { Description, EmailAddress, Flag, labelOf, oneOf } from "../../../platform/input/input.ts";
import { Quantity } from "../../../platform/input/quantity.ts";
import {
  MAX_VARIABLES,
  VARIABLES,
  VariablesInput,
} from "../../../services/deployments/configuration/environmentVariables.ts";
import { HybridWorkerQueueRequest, queuesOf, WorkerQueueRequest } from "./queueRequests.ts";
import { RemoteExecution, ScalingSpec } from "./scalingRequests.ts";
import { Id, textOf } from "./texts.ts";

/** The maximum length of a Deployment's name, as in the contract; GraphQL allows less. */
const MAX_NAME = 500;

const Variable = z
  .strictObject({
    key: z.string(),
    value: z.string().optional(),
    isSecret: Flag.describe("Whether the value is never returned."),
  })
  .meta({ id: "DeploymentEnvironmentVariableRequest" });

const variables = z
  .array(Variable, "must be a list of variables")
  .max(MAX_VARIABLES, VARIABLES)
  .superRefine((list, issues) => {
    for (const { path, message } of VariablesInput.safeParse(list).error?.issues ?? [])
      issues.addIssue({ code: "custom", path: [...path], message });
  })
  .describe("The complete set, with unique keys. A secret without a value keeps the stored one.");

const contactEmails = z
  .array(EmailAddress, "must be a list of e-mail addresses")
  .max(100, "must be a list of at most 100 e-mail addresses")
  .describe("Who gets alerts. Stored in lower case, each once.");

const AU = "must be a whole number of astro units of at least 1";
const REPLICAS = "must be a whole number of at least 1";

const Scheduler = z
  .strictObject({
    au: z.int(AU).min(1, AU).describe("CPU and memory of each scheduler, in astro units of 0.1 CPU and 384 MiB."),
    replicas: z.int(REPLICAS).min(1, REPLICAS).describe("The number of schedulers."),
  })
  .meta({ id: "DeploymentInstanceSpecRequest" });

const both = {
  name: labelOf(MAX_NAME).describe("Unique in the Workspace."),
  description: Description.optional(),
  workspaceId: Id.describe("The Workspace of the Deployment, which cannot be changed."),
  isCicdEnforced: Flag.describe("Whether only CI systems may deploy. Stored; deploys are not restricted yet."),
  isDagDeployEnabled: Flag.describe(
    "Whether DAGs may be deployed without an image: only if the setting `deployments.dagOnlyDeployment` is true.",
  ),
  contactEmails: contactEmails.optional(),
  workloadIdentity: textOf(2048).optional().describe("The role in the cloud that the Deployment has."),
  drWorkloadIdentity: textOf(2048).optional().describe("Stored; there is no disaster recovery yet."),
};

const quantity = Quantity.optional();

/** Of the types DEDICATED and STANDARD. */
const hosted = {
  executor: oneOf(["CELERY", "KUBERNETES", "ASTRO"]).describe("One of `executors` in the options."),
  schedulerSize: oneOf(schedulerSizes).describe("One of `schedulerMachines` in the options."),
  isHighAvailability: Flag.describe("Whether to run a second scheduler."),
  isDevelopmentMode: Flag.optional().describe("Stored, without effect yet."),
  defaultTaskPodCpu: quantity.describe("CPU of a task's pod that does not specify it: at most `resourceQuotaCpu`."),
  defaultTaskPodMemory: quantity.describe(
    "Memory of a task's pod that does not specify it: at most `resourceQuotaMemory`.",
  ),
  resourceQuotaCpu: quantity.describe("CPU of all pods for tasks together."),
  resourceQuotaMemory: quantity.describe("Memory of all pods for tasks together."),
  remoteExecution: RemoteExecution.optional(),
  scalingSpec: ScalingSpec.optional(),
  workerQueues: queuesOf(WorkerQueueRequest).optional(),
};

const hybrid = {
  executor: oneOf(["CELERY", "KUBERNETES"]).describe("One of `executors` in the options."),
  scheduler: Scheduler,
  taskPodNodePoolId: Id.optional().describe("A node pool of the cluster, for the pods of tasks. Stored."),
  workerQueues: queuesOf(HybridWorkerQueueRequest).optional(),
};

const TYPES = "must be DEDICATED, HYBRID or STANDARD";
const created = {
  ...both,
  environmentVariables: variables.optional(),
  astroRuntimeVersion: Id.describe("One of `runtimeReleases` in the options."),
};
const updated = { ...both, environmentVariables: variables };

export const CreateDeploymentRequest = z
  .discriminatedUnion("type", [
    z
      .strictObject({ type: z.literal("DEDICATED", TYPES), ...created, ...hosted, clusterId: Id })
      .meta({ id: "CreateDedicatedDeploymentRequest" }),
    z
      .strictObject({ type: z.literal("HYBRID", TYPES), ...created, ...hybrid, clusterId: Id })
      .meta({ id: "CreateHybridDeploymentRequest" }),
    z
      .strictObject({
        type: z.literal("STANDARD", TYPES),
        ...created,
        ...hosted,
        clusterId: Id.optional().describe("Defaults to a cluster in `region`, otherwise to the default cluster."),
        cloudProvider: oneOf(["AWS", "AZURE", "GCP"]).optional().describe("The provider of the cluster."),
        region: textOf(100).optional().describe("The region of the cluster."),
      })
      .meta({ id: "CreateStandardDeploymentRequest" }),
  ])
  .meta({ id: "CreateDeploymentRequest" });

export const UpdateDeploymentRequest = z
  .discriminatedUnion("type", [
    z
      .strictObject({ type: z.literal("DEDICATED", TYPES), ...updated, ...hosted })
      .meta({ id: "UpdateDedicatedDeploymentRequest" }),
    z
      .strictObject({ type: z.literal("HYBRID", TYPES), ...updated, ...hybrid })
      .meta({ id: "UpdateHybridDeploymentRequest" }),
    z
      .strictObject({ type: z.literal("STANDARD", TYPES), ...updated, ...hosted })
      .meta({ id: "UpdateStandardDeploymentRequest" }),
  ])
  .meta({ id: "UpdateDeploymentRequest" });
