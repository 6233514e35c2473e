import { z } from "zod";
import { astroMachines, schedulerSizes } from "../../../platform/config/deploymentOptions.ts";
import { Cron } from "../../../platform/input/cron.ts";
import { Description, EmailAddress, labelOf } from "../../../platform/input/input.ts";
import { Quantity } from "../../../platform/input/quantity.ts";
import {
  MAX_VARIABLES,
  VARIABLES,
  VariablesInput,
} from "../../../services/deployments/configuration/environmentVariables.ts";
import { IpRange } from "./ipRange.ts";

/** The maximum length of a Deployment's name, as in the contract; GraphQL allows less. */
const MAX_NAME = 500;

const flag = z.boolean("must be true or false");
const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(", ")}`);
const textOf = (max: number) => {
  const TEXT = `must be a string of at most ${max.toLocaleString("en")} characters`;
  return z.string(TEXT).max(max, TEXT);
};
const id = textOf(64).min(1, "is required");
const COUNT = "must be a whole number from 0 to 1,000,000";
const count = z.int(COUNT).min(0, COUNT).max(1_000_000, COUNT);

const QUEUE_NAME = "must be 1 to 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit";

const queue = {
  id: id.optional().describe("The ID of a worker queue that the Deployment has; without one, it is found by its name."),
  name: z
    .string(QUEUE_NAME)
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, QUEUE_NAME)
    .describe("Unique in the Deployment."),
  isDefault: flag.describe("Whether tasks that name no queue run here: true for exactly one."),
  minWorkerCount: count.describe("The minimum number of workers."),
  maxWorkerCount: count.describe("The maximum number of workers: at least `minWorkerCount`."),
  workerConcurrency: count.describe("How many tasks a worker runs at a time."),
};

const WorkerQueueRequest = z
  .strictObject({ ...queue, astroMachine: oneOf(astroMachines).describe("One of `workerMachines` in the options.") })
  .meta({ id: "WorkerQueueRequest" });

const HybridWorkerQueueRequest = z
  .strictObject({ ...queue, nodePoolId: id.describe("A node pool of the cluster.") })
  .meta({ id: "HybridWorkerQueueRequest" });

type QueueFields = Pick<
  z.output<typeof WorkerQueueRequest>,
  "id" | "name" | "isDefault" | "minWorkerCount" | "maxWorkerCount"
>;

const MAX_QUEUES = 100;
const QUEUES = `must be a list of 1 to ${MAX_QUEUES} worker queues`;

/** The complete set of worker queues. */
const queues = <Queue extends z.ZodType<QueueFields>>(schema: Queue) =>
  z
    .array(schema, QUEUES)
    .min(1, QUEUES)
    .max(MAX_QUEUES, QUEUES)
    .superRefine((list, issues) => {
      // Zod has reported the length, but goes on; every queue is compared with those before it.
      if (list.length > MAX_QUEUES) return;
      const report = (message: string, ...path: (string | number)[]) =>
        issues.addIssue({ code: "custom", path, message });
      for (const [index, one] of list.entries()) {
        if (one.minWorkerCount > one.maxWorkerCount)
          report(`must be at least minWorkerCount, ${one.minWorkerCount}`, index, "maxWorkerCount");
        const before = list.slice(0, index);
        if (before.some(({ name }) => name === one.name)) report(`${one.name} is a duplicate name`, index, "name");
        if (one.id !== undefined && before.some((other) => other.id === one.id)) report("is a duplicate", index, "id");
      }
      if (list.filter(({ isDefault }) => isDefault).length !== 1)
        report("must contain exactly one with isDefault true");
    })
    .describe("The complete set: exactly one is the default. Only with the executors CELERY and ASTRO.");

const Variable = z
  .strictObject({
    key: z.string(),
    value: z.string().optional(),
    isSecret: flag.describe("Whether the value is never returned."),
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

const RemoteExecution = z
  .strictObject({
    enabled: flag,
    allowedIpAddressRanges: z
      .array(IpRange, "must be a list of IP address ranges")
      .max(1000, "must be a list of at most 1,000 IP address ranges")
      .optional(),
    taskLogBucket: textOf(2048).optional(),
    taskLogUrlPattern: textOf(2048).optional(),
  })
  .describe("Stored; nothing runs elsewhere yet.")
  .meta({ id: "DeploymentRemoteExecutionRequest" });

const UNTIL = "must be a time from the year 1 to 9999 such as 2030-12-31T23:59:59Z";

/** Whether PostgreSQL can read the time: up to nanoseconds, and at most 14 hours from UTC, as all time zones are. */
function isTime(text: string): boolean {
  const [, year, offset = "0"] = /^(\d{4})-[\d-]{5}T[\d:]{8}(?:\.\d{1,9})?(?:Z|[+-](\d\d):\d\d)$/.exec(text) ?? [];
  if (year === undefined || year === "0000" || Number(offset) > 14) return false;
  return z.iso.datetime({ offset: true }).safeParse(text).success;
}

const HibernationOverride = z
  .strictObject({
    isHibernating: flag.optional(),
    overrideUntil: z.string(UNTIL).refine(isTime, UNTIL).optional(),
  })
  .refine(
    ({ isHibernating, overrideUntil }) => (isHibernating === undefined) === (overrideUntil === undefined),
    "must contain both isHibernating and overrideUntil, or neither",
  )
  .meta({ id: "DeploymentHibernationOverrideRequest" });

const MAX_NOTE = 1000;
const NOTE = "must be a string of at most 1,000 characters";

/** A schedule, in requests and in answers; hence its limits are not part of the document. */
export const HibernationSchedule = z
  .strictObject({
    description: z
      .string(NOTE)
      .refine((text) => text.length <= MAX_NOTE, NOTE)
      .optional(),
    hibernateAtCron: Cron.describe("When to hibernate, in UTC: a cron expression of five fields."),
    wakeAtCron: Cron.describe("When to wake up, in UTC: a cron expression of five fields."),
    isEnabled: flag,
  })
  .meta({ id: "DeploymentHibernationSchedule" });

const ScalingSpec = z
  .strictObject({
    hibernationSpec: z
      .strictObject({
        override: HibernationOverride.optional(),
        schedules: z
          .array(HibernationSchedule, "must be a list of schedules")
          .max(100, "must be a list of at most 100 schedules")
          .optional(),
      })
      .meta({ id: "DeploymentHibernationSpecRequest" })
      .optional(),
  })
  .describe("Stored; nothing hibernates yet.")
  .meta({ id: "DeploymentScalingSpecRequest" });

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
  workspaceId: id.describe("The Workspace of the Deployment, which cannot be changed."),
  isCicdEnforced: flag.describe("Whether only CI systems may deploy. Stored; deploys are not restricted yet."),
  isDagDeployEnabled: flag.describe(
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
  isHighAvailability: flag.describe("Whether to run a second scheduler."),
  isDevelopmentMode: flag.optional().describe("Stored, without effect yet."),
  defaultTaskPodCpu: quantity.describe("CPU of a task's pod that does not specify it: at most `resourceQuotaCpu`."),
  defaultTaskPodMemory: quantity.describe(
    "Memory of a task's pod that does not specify it: at most `resourceQuotaMemory`.",
  ),
  resourceQuotaCpu: quantity.describe("CPU of all pods for tasks together."),
  resourceQuotaMemory: quantity.describe("Memory of all pods for tasks together."),
  remoteExecution: RemoteExecution.optional(),
  scalingSpec: ScalingSpec.optional(),
  workerQueues: queues(WorkerQueueRequest).optional(),
};

const hybrid = {
  executor: oneOf(["CELERY", "KUBERNETES"]).describe("One of `executors` in the options."),
  scheduler: Scheduler,
  taskPodNodePoolId: id.optional().describe("A node pool of the cluster, for the pods of tasks. Stored."),
  workerQueues: queues(HybridWorkerQueueRequest).optional(),
};

const TYPES = "must be DEDICATED, HYBRID or STANDARD";
const created = {
  ...both,
  environmentVariables: variables.optional(),
  astroRuntimeVersion: id.describe("One of `runtimeReleases` in the options."),
};
const updated = { ...both, environmentVariables: variables };

export const CreateDeploymentRequest = z
  .discriminatedUnion("type", [
    z
      .strictObject({ type: z.literal("DEDICATED", TYPES), ...created, ...hosted, clusterId: id })
      .meta({ id: "CreateDedicatedDeploymentRequest" }),
    z
      .strictObject({ type: z.literal("HYBRID", TYPES), ...created, ...hybrid, clusterId: id })
      .meta({ id: "CreateHybridDeploymentRequest" }),
    z
      .strictObject({
        type: z.literal("STANDARD", TYPES),
        ...created,
        ...hosted,
        clusterId: id.optional().describe("Defaults to a cluster in `region`, otherwise to the default cluster."),
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
