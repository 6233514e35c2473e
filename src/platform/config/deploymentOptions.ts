import { z } from "zod";
import { amountOf, Quantity } from "../input/quantity.ts";
import { setting } from "./setting.ts";

const ordered = ({ floor, default: usual, ceiling }: { floor: number; default: number; ceiling: number }) =>
  floor <= usual && usual <= ceiling;
const ORDER = "a range in which floor ≤ default ≤ ceiling";

const count = z.int().min(0).max(10_000);
const Range = z.strictObject({ floor: count, default: count, ceiling: count }).refine(ordered, ORDER);

const Amounts = z.strictObject({ floor: Quantity, default: Quantity, ceiling: Quantity }).refine(
  (range) =>
    ordered({
      floor: amountOf(range.floor),
      default: amountOf(range.default),
      ceiling: amountOf(range.ceiling),
    }),
  ORDER,
);

const Spec = { cpu: Quantity, memory: Quantity, ephemeralStorage: Quantity.optional() };

/** Sizes of schedulers, smallest first. */
export const schedulerSizes = ["SMALL", "MEDIUM", "LARGE", "EXTRA_LARGE"] as const;
/** Types of machines for workers, smallest first. */
export const astroMachines = ["A5", "A10", "A20", "A40", "A60", "A120", "A160"] as const;

const once = <T extends z.ZodType<readonly { name: string }[]>>(list: T) =>
  list.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "a list without duplicate names");

const range = (floor: number, usual: number, ceiling: number, what: string) =>
  setting(Range, { floor, default: usual, ceiling }, what, { allowed: ORDER });
const amounts = (floor: string, usual: string, ceiling: string, what: string) =>
  setting(Amounts, { floor, default: usual, ceiling }, what, {
    allowed: `${ORDER}, of quantities such as 500m or 1Gi`,
  });

const machine = (name: (typeof astroMachines)[number], cpu: number, concurrency: number) => ({
  name,
  spec: { cpu: `${cpu}`, memory: `${cpu * 2}Gi`, ephemeralStorage: "10Gi" },
  concurrency: { floor: 1, default: concurrency, ceiling: concurrency * 3 },
});

/** `platformApi.deploymentOptions.*`: what `getDeploymentOptions` lists, and what Deployments may have. */
export const deploymentOptions = z.strictObject({
  schedulerMachines: setting(
    once(z.array(z.strictObject({ name: z.enum(schedulerSizes), spec: z.strictObject(Spec) })).min(1)),
    [
      { name: "SMALL", spec: { cpu: "1", memory: "2Gi" } },
      { name: "MEDIUM", spec: { cpu: "2", memory: "4Gi" } },
      { name: "LARGE", spec: { cpu: "2", memory: "8Gi" } },
      { name: "EXTRA_LARGE", spec: { cpu: "2.4", memory: "9Gi" } },
    ],
    `CPU and memory of each size of schedulers: \`{name, spec: {cpu, memory}}\`, with the names ${schedulerSizes.join(", ")}. A size above the limit of the scheduler in \`deployments.components\`, or above \`deployments.maxPodAu\`, is not offered; the defaults are within the default limits.`,
    { allowed: "a list of scheduler sizes" },
  ),
  workerMachines: setting(
    once(
      z.array(z.strictObject({ name: z.enum(astroMachines), spec: z.strictObject(Spec), concurrency: Range })).min(1),
    ),
    [
      machine("A5", 1, 5),
      machine("A10", 2, 10),
      machine("A20", 4, 20),
      machine("A40", 8, 40),
      machine("A60", 12, 60),
      machine("A120", 24, 120),
      machine("A160", 32, 160),
    ],
    `Machines for Celery workers: \`{name, spec: {cpu, memory, ephemeralStorage}, concurrency: {floor, default, ceiling}}\`, with the names ${astroMachines.join(", ")}. \`concurrency\` is the number of tasks that one worker may run at a time. The first machine is that of a default worker queue.`,
    { allowed: "a list of machines" },
  ),
  workerQueues: z.strictObject({
    minWorkers: range(0, 0, 100, "Minimum number of workers of a queue."),
    maxWorkers: range(1, 10, 200, "Maximum number of workers of a queue."),
    workerConcurrency: range(1, 16, 480, "Tasks that one worker runs at a time, on a cluster with node pools."),
  }),
  resourceQuotas: z.strictObject({
    defaultPodSize: z.strictObject({
      cpu: amounts("0.1", "0.25", "32", "CPU of a task's pod that does not specify it."),
      memory: amounts("128Mi", "0.5Gi", "128Gi", "Memory of a task's pod that does not specify it."),
    }),
    resourceQuota: z.strictObject({
      cpu: amounts("0.25", "10", "1600", "CPU of all pods for tasks of a Deployment together."),
      memory: amounts("0.5Gi", "20Gi", "3200Gi", "Memory of all pods for tasks of a Deployment together."),
    }),
  }),
  workloadIdentityOptions: setting(
    z.array(
      z.strictObject({
        label: z.string().min(1),
        role: z.string().min(1).max(2048),
        cloudProvider: z.enum(["AWS", "AZURE", "GCP"]).optional(),
      }),
    ),
    [],
    "Identities in the cloud that Deployments may use: `{label, role, cloudProvider}`; without `cloudProvider`, with any. Empty: Deployments may name any role.",
    { allowed: "a list of identities, each as {label, role, cloudProvider}" },
  ),
});

/** The settings behind the options of Deployments. */
export type DeploymentOptionSettings = z.output<typeof deploymentOptions>;
