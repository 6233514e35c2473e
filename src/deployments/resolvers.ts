import { answering } from "../read/answering.ts";
import { readMany, readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { followed } from "../subscriptions/followed.ts";
import { cancelRuntimeUpdate } from "./cancelRuntimeUpdate.ts";
import { createDeployment } from "./createDeployment.ts";
import { deleteDeployment } from "./deleteDeployment.ts";
import { deploymentAlertsUpdate } from "./deploymentAlertsUpdate.ts";
import { deploymentStatus } from "./deploymentStatus.ts";
import {
  deployment,
  deployments,
  deploymentVariables,
  workspaceDeployment,
  workspaceDeployments,
} from "./deployments.ts";
import { paginatedDeployments } from "./paginatedDeployments.ts";
import { updateDeployment } from "./updateDeployment.ts";
import { updateDeploymentAirflow } from "./updateDeploymentAirflow.ts";
import { updateDeploymentImage } from "./updateDeploymentImage.ts";
import { updateDeploymentRuntime } from "./updateDeploymentRuntime.ts";
import { updateDeploymentVariables } from "./updateDeploymentVariables.ts";
import { upgradeDeployment } from "./upgradeDeployment.ts";
import { upsertDeployment } from "./upsertDeployment.ts";

interface Named {
  deploymentUuid: string;
}

export const resolvers: Resolvers = {
  Query: {
    deployments,
    workspaceDeployments,
    workspaceDeployment,
    deployment,
    paginatedDeployments,
    deploymentVariables: (_, args, ctx, info) => deploymentVariables(ctx, args, info),
  },
  Mutation: {
    createDeployment: answering("Deployment", createDeployment),
    updateDeployment: answering("Deployment", updateDeployment),
    upsertDeployment: answering("Deployment", upsertDeployment),
    deploymentAlertsUpdate: answering("Deployment", deploymentAlertsUpdate),
    updateDeploymentAirflow: answering("Deployment", updateDeploymentAirflow),
    updateDeploymentRuntime: answering("Deployment", updateDeploymentRuntime),
    cancelRuntimeUpdate: answering("Deployment", cancelRuntimeUpdate),
    upgradeDeployment: answering("Deployment", upgradeDeployment),
    updateDeploymentImage: answering("Deployment", updateDeploymentImage),
    deleteDeployment: async (_, args: Named, ctx, info) => {
      const answer = await readOne(ctx, info, "Deployment", { id: args.deploymentUuid });
      await deleteDeployment(ctx, args);
      return answer;
    },
    updateDeploymentVariables: async (_, args: Named, ctx, info) => {
      await updateDeploymentVariables(ctx, args);
      return readMany(ctx, info, "EnvironmentVariable", { deploymentId: args.deploymentUuid });
    },
  },
  Subscription: { deploymentStatus: followed(deploymentStatus) },
};
