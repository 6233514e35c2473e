import type { Resolvers } from "../../../generated/resolvers.ts";
import { readMany } from "../../../query/read.ts";
import { deleteDeploymentConfig } from "./deleteDeploymentConfig.ts";
import { updateDeploymentConfig } from "./updateDeploymentConfig.ts";
import { updateDeploymentVariables } from "./updateDeploymentVariables.ts";

/** Configuration of a Deployment: its override of the platform's settings, and its environment variables. */
export const resolvers: Resolvers = {
  Mutation: {
    updateDeploymentConfig: (_, args, ctx) => updateDeploymentConfig(ctx, args),
    deleteDeploymentConfig: (_, args, ctx) => deleteDeploymentConfig(ctx, args),
    updateDeploymentVariables: async (_, args, ctx, info) => {
      await updateDeploymentVariables(ctx, args);
      return readMany(ctx, info, "EnvironmentVariable", { deploymentId: args.deploymentUuid });
    },
  },
};
