import type { Resolvers } from "../../generated/resolvers.ts";
import { airflowRelease, airflowReleases } from "./airflowReleases.ts";
import { runtimeReleases } from "./runtimeReleases.ts";
import { updateAvailable } from "./updateAvailable.ts";

/** Available versions of Airflow, of Runtime and of the platform. */
export const resolvers: Resolvers = {
  Query: {
    runtimeReleases: (_, args, ctx) => runtimeReleases(ctx, args),
    airflowReleases: (_, _args, ctx) => airflowReleases(ctx.config),
    airflowRelease: (_, args, ctx) => airflowRelease(ctx, args),
    updateAvailable: (_, _args, ctx) => updateAvailable(ctx.config),
  },
};
