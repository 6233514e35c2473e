import { z } from "zod";
import { setting } from "./setting.ts";

/** The components of a Deployment. */
export const ComponentName = z.enum([
  "scheduler",
  "webserver",
  "workers",
  "triggerer",
  "statsd",
  "pgbouncer",
  "flower",
  "redis",
  "dagProcessor",
]);

const count = z.int().min(0).max(1_000_000);
const ordered = (range: { minimum?: number | undefined; default: number; limit: number }) =>
  (range.minimum ?? 0) <= range.default && range.default <= range.limit;
const order = "a range in which minimum ≤ default ≤ limit";

const Amount = z.strictObject({ default: count, limit: count }).refine(ordered, order);
const Replicas = z
  .strictObject({ minimum: count.default(1), default: count, limit: count, minAirflowVersion: z.string().optional() })
  .refine(ordered, order);
const Extra = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("replicas"), ...Replicas.shape }).refine(ordered, order),
  z.strictObject({ name: z.literal("terminationGracePeriodSeconds"), ...Amount.shape }).refine(ordered, order),
]);

/** Default size and limits of a component of a Deployment. */
export interface Component {
  name: z.output<typeof ComponentName>;
  /** Astro units of one pod (see `deployments.astroUnit`). The limit is also capped by `deployments.maxPodAu`. */
  au: { default: number; limit: number };
  /** Number of pods. If absent, always one. */
  replicas?: { minimum: number; default: number; limit: number; minAirflowVersion?: string | undefined } | undefined;
  /** Time a pod has to finish its tasks before it is stopped, in seconds. Absent if it cannot be chosen. */
  terminationGracePeriodSeconds?: { default: number; limit: number } | undefined;
}

/** Configuration files of earlier versions have replicas and grace period in the list `extra`. */
const ComponentSchema = z
  .strictObject({
    name: ComponentName,
    au: Amount,
    replicas: Replicas.optional(),
    terminationGracePeriodSeconds: Amount.optional(),
    extra: z.array(Extra).optional(),
  })
  .transform(({ extra = [], ...component }): Component => {
    const extras = extra.map(({ name, ...range }) => [name, range]);
    return { ...component, ...Object.fromEntries(extras) };
  });

const builtIn: readonly Component[] = [
  { name: "scheduler", au: { default: 5, limit: 24 }, replicas: { minimum: 1, default: 1, limit: 4 } },
  { name: "webserver", au: { default: 5, limit: 24 } },
  {
    name: "workers",
    au: { default: 10, limit: 100 },
    replicas: { minimum: 1, default: 1, limit: 20 },
    terminationGracePeriodSeconds: { default: 600, limit: 86_400 },
  },
  { name: "triggerer", au: { default: 5, limit: 24 }, replicas: { minimum: 0, default: 1, limit: 2 } },
  { name: "statsd", au: { default: 2, limit: 2 } },
  { name: "pgbouncer", au: { default: 2, limit: 2 } },
  { name: "flower", au: { default: 2, limit: 2 } },
  { name: "redis", au: { default: 2, limit: 2 } },
];

/** The built-in components, each replaced by a configured one of the same name, followed by the other configured ones. */
function complete(given: readonly Component[]): Component[] {
  const all = new Map([...builtIn, ...given].map((component) => [component.name, component]));
  return [...all.values()];
}

/** `deployments.components`. */
export const components = setting(
  z.array(ComponentSchema).transform(complete),
  complete([]),
  "Default size and limits of each component of a Deployment: `{name, au: {default, limit}, replicas: {minimum, default, limit}, terminationGracePeriodSeconds: {default, limit}}`. `au` is in astro units per pod; `deployments.maxPodAu` also limits it. Components missing from the list keep their defaults.",
  { allowed: "a list of components" },
);
