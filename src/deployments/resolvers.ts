import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
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

type UseCase = (ctx: Context, input: unknown) => Promise<{ id: string }>;

/** Runs a use case, then reads the Deployment it was about. */
const answering = (useCase: UseCase) => async (_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo) => {
  const { id } = await useCase(ctx, args);
  return readOne(ctx, info, "Deployment", { id });
};

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
    createDeployment: answering(createDeployment),
    updateDeployment: answering(updateDeployment),
    upsertDeployment: answering(upsertDeployment),
    deploymentAlertsUpdate: answering(deploymentAlertsUpdate),
    updateDeploymentAirflow: answering(updateDeploymentAirflow),
    updateDeploymentRuntime: answering(updateDeploymentRuntime),
    cancelRuntimeUpdate: answering(cancelRuntimeUpdate),
    upgradeDeployment: answering(upgradeDeployment),
    updateDeploymentImage: answering(updateDeploymentImage),
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
