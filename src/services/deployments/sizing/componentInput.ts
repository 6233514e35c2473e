import { z } from "zod";

/** null counts as omitted, in JSON objects and in GraphQL input. */
const optionalOrNull = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional());

const integer = optionalOrNull(z.int("must be a whole number"));
const amounts = optionalOrNull(
  z.strictObject({ cpu: integer, memory: integer }, "must be an object with cpu and memory"),
);
const resources = optionalOrNull(
  z.strictObject({ requests: amounts, limits: amounts }, "must be an object with requests and limits"),
);

const pods = z.strictObject({ replicas: integer, resources }, "must be an object with replicas and resources");
const workers = pods.extend({ terminationGracePeriodSeconds: integer });
const webserver = z.strictObject(
  { resources, useDefaultAirflowImage: optionalOrNull(z.boolean("must be true or false")) },
  "must be an object with resources and useDefaultAirflowImage",
);

/** The components with settings, each with its own input. Omitted ones are unchanged, or get the default. */
export const componentInputs = {
  workers: optionalOrNull(workers),
  webserver: optionalOrNull(webserver),
  scheduler: optionalOrNull(pods),
  triggerer: optionalOrNull(pods),
  dagProcessor: optionalOrNull(pods),
};

/** The settings of components as input. */
export type ComponentInputs = z.output<z.ZodObject<typeof componentInputs>>;

/** All settings that a component can have. */
export interface ComponentInput {
  replicas?: number | undefined;
  terminationGracePeriodSeconds?: number | undefined;
  useDefaultAirflowImage?: boolean | undefined;
  resources?: { requests?: AmountInput | undefined; limits?: AmountInput | undefined } | undefined;
}

/** CPU in thousandths of a core, memory in MiB. */
export interface AmountInput {
  cpu?: number | undefined;
  memory?: number | undefined;
}
