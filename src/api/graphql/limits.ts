import type { ApolloServerOptions } from "@apollo/server";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";

type Limits = Pick<ApolloServerOptions<Context>, "validationOptions" | "executionOptions" | "maxRecursiveSelections">;

/** How many errors of one document and of its variables are reported. `documentLimits.ts` has checked its size. */
export const limitsFrom = ({ errors }: Config["limits"]): Limits => ({
  // graphql-js adds one more error that says it stopped counting.
  validationOptions: { maxErrors: Math.max(1, errors - 1) },
  executionOptions: { maxCoercionErrors: Math.max(1, errors - 1) },
  maxRecursiveSelections: false,
});
