import { z } from "zod";
import { astroMachines, schedulerSizes } from "../../../platform/config/deploymentOptions.ts";
import { oneOf } from "../../../platform/input/input.ts";
import { getDeploymentOptions } from "../../../services/deployments/requests/getDeploymentOptions.ts";
import { Time } from "../routing/parts.ts";
import { defineRoute, inOrganization } from "../routing/route.ts";

const Range = z.strictObject({ ceiling: z.number(), default: z.number(), floor: z.number() }).meta({ id: "Range" });

const ResourceRange = z
  .strictObject({ ceiling: z.string(), default: z.string(), floor: z.string() })
  .meta({ id: "ResourceRange" });

const ResourceOption = z.strictObject({ cpu: ResourceRange, memory: ResourceRange }).meta({ id: "ResourceOption" });

const MachineSpec = z
  .strictObject({
    concurrency: z.number().optional(),
    cpu: z.string(),
    ephemeralStorage: z.string().optional(),
    memory: z.string(),
  })
  .meta({ id: "MachineSpec" });

const RuntimeRelease = z
  .strictObject({
    airflowDatabaseMigration: z.boolean(),
    airflowVersion: z.string(),
    channel: z.string(),
    releaseDate: Time,
    stellarDatabaseMigration: z.boolean(),
    version: z.string(),
  })
  .meta({ id: "RuntimeRelease" });

export const DeploymentOptions = z
  .strictObject({
    executors: z.array(z.string()),
    resourceQuotas: z
      .strictObject({ defaultPodSize: ResourceOption, resourceQuota: ResourceOption })
      .meta({ id: "ResourceQuotaOptions" }),
    runtimeReleases: z.array(RuntimeRelease),
    schedulerMachines: z.array(
      z.strictObject({ name: z.enum(schedulerSizes), spec: MachineSpec }).meta({ id: "SchedulerMachine" }),
    ),
    workerMachines: z.array(
      z
        .strictObject({ concurrency: Range, name: z.enum(astroMachines), spec: MachineSpec })
        .meta({ id: "WorkerMachine" }),
    ),
    workerQueues: z
      .strictObject({ maxWorkers: Range, minWorkers: Range, workerConcurrency: Range })
      .meta({ id: "WorkerQueueOptions" }),
    workloadIdentityOptions: z
      .array(z.strictObject({ label: z.string(), role: z.string() }).meta({ id: "WorkloadIdentityOption" }))
      .optional(),
  })
  .meta({ id: "DeploymentOptions" });

const OptionsQuery = z.strictObject({
  deploymentId: z.string("must be an ID").optional().describe("The values that this Deployment may have."),
  deploymentType: oneOf(["DEDICATED", "HYBRID", "STANDARD"])
    .optional()
    .describe("The values for Deployments of this type."),
  executor: oneOf(["CELERY", "KUBERNETES"]).optional().describe("The values for Deployments with this executor."),
  cloudProvider: oneOf(["AWS", "AZURE", "GCP"]).optional().describe("The values for Deployments in this cloud."),
});

/** The operation that lists what Deployments may have. */
export const deploymentOptionsRoutes = [
  defineRoute({
    operationId: "getDeploymentOptions",
    tag: "options",
    method: "GET",
    path: "/organizations/{organizationId}/deployment-options",
    summary: "Get the values that Deployments may have",
    description:
      "What is listed is accepted when a Deployment is created, within the limits of its Workspace and cluster.",
    access: [inOrganization],
    query: OptionsQuery,
    answer: DeploymentOptions,
    errors: [400, 401, 403, 500],
    work: {
      compute: (ctx, { params: { organizationId }, query }) => getDeploymentOptions(ctx, organizationId, query),
    },
  }),
];
