import type { Resolvers } from "../../generated/resolvers.ts";
import { deploymentConfig } from "./deploymentConfig.ts";
import {
  deployment,
  deployments,
  deploymentVariables,
  workspaceDeployment,
  workspaceDeployments,
} from "./deployments.ts";
import { paginatedDeployments } from "./paginatedDeployments.ts";

/** Reads of Deployments. The folders below contain the changes, each with its own resolvers. */
export const resolvers: Resolvers = {
  Query: {
    deployments,
    workspaceDeployments,
    workspaceDeployment,
    deployment,
    paginatedDeployments,
    deploymentVariables: (_, args, ctx, info) => deploymentVariables(ctx, args, info),
    deploymentConfig: (_, args, ctx) => deploymentConfig(ctx, args),
  },
};
