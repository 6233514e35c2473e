import type { Resolvers } from "../schema.ts";
import { airflowRelease, airflowReleases } from "./airflowReleases.ts";
import { deploymentConfig } from "./deploymentConfig.ts";
import { runtimeReleases } from "./runtimeReleases.ts";
import { updateAvailable } from "./updateAvailable.ts";

/** What versions there are, and what Deployments may have. */
export const resolvers: Resolvers = {
  Query: {
    runtimeReleases: (_, args, ctx) => runtimeReleases(ctx, args),
    airflowReleases: (_, _args, ctx) => airflowReleases(ctx.config),
    airflowRelease: (_, args, ctx) => airflowRelease(ctx, args),
    deploymentConfig: (_, _args, ctx) => deploymentConfig(ctx),
    updateAvailable: (_, _args, ctx) => updateAvailable(ctx.config),
  },
};
