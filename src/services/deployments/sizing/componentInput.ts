import { z } from "zod";

/** JSON objects and GraphQL inputs may give null where they mean "not given". */
const given = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional());

const whole = given(z.int("needs a whole number"));
const amounts = given(z.strictObject({ cpu: whole, memory: whole }, "needs an object with cpu and memory"));
const resources = given(
  z.strictObject({ requests: amounts, limits: amounts }, "needs an object with requests and limits"),
);

const pods = z.strictObject({ replicas: whole, resources }, "needs an object with replicas and resources");
const workers = pods.extend({ terminationGracePeriodSeconds: whole });
const webserver = z.strictObject(
  { resources, useDefaultAirflowImage: given(z.boolean("needs true or false")) },
  "needs an object with resources and useDefaultAirflowImage",
);

/** The components whose settings may be given, each with its own input. What is left out stays, or gets the default. */
export const componentInputs = {
  workers: given(workers),
  webserver: given(webserver),
  scheduler: given(pods),
  triggerer: given(pods),
  dagProcessor: given(pods),
};

/** The settings of components as a caller gives them. */
export type ComponentInputs = z.output<z.ZodObject<typeof componentInputs>>;

/** Every one of these may be given for some component. */
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
