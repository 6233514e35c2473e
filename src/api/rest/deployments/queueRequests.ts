import { z } from "zod";
import { astroMachines } from "../../../platform/config/deploymentOptions.ts";
import { Flag, oneOf } from "../../../platform/input/input.ts";
import { Id } from "./texts.ts";

const COUNT = "must be a whole number from 0 to 1,000,000";
const count = z.int(COUNT).min(0, COUNT).max(1_000_000, COUNT);

const QUEUE_NAME = "must be 1 to 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit";

const queue = {
  id: Id.optional().describe("The ID of a worker queue that the Deployment has; without one, it is found by its name."),
  name: z
    .string(QUEUE_NAME)
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, QUEUE_NAME)
    .describe("Unique in the Deployment."),
  isDefault: Flag.describe("Whether tasks that name no queue run here: true for exactly one."),
  minWorkerCount: count.describe("The minimum number of workers."),
  maxWorkerCount: count.describe("The maximum number of workers: at least `minWorkerCount`."),
  workerConcurrency: count.describe("How many tasks a worker runs at a time."),
};

export const WorkerQueueRequest = z
  .strictObject({ ...queue, astroMachine: oneOf(astroMachines).describe("One of `workerMachines` in the options.") })
  .meta({ id: "WorkerQueueRequest" });

export const HybridWorkerQueueRequest = z
  .strictObject({ ...queue, nodePoolId: Id.describe("A node pool of the cluster.") })
  .meta({ id: "HybridWorkerQueueRequest" });

type QueueFields = Pick<
  z.output<typeof WorkerQueueRequest>,
  "id" | "name" | "isDefault" | "minWorkerCount" | "maxWorkerCount"
>;

const MAX_QUEUES = 100;
const QUEUES = `must be a list of 1 to ${MAX_QUEUES} worker queues`;

/** The complete set of worker queues. */
export const queuesOf = <Queue extends z.ZodType<QueueFields>>(schema: Queue) =>
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
