import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { cordonDeployment, uncordonDeployment } from "./cordonDeployment.ts";
import { deploymentUserBulkImport } from "./deploymentUserBulkImport.ts";
import { toggleWebserverReboot } from "./toggleWebserverReboot.ts";
import { updateDeploymentKedaConfig } from "./updateDeploymentKedaConfig.ts";
import { validateGitSyncCredentials } from "./validateGitSyncCredentials.ts";

/** Runs a use case, then reads the Deployment it was about. */
const answering =
  (useCase: (ctx: Context, input: unknown) => Promise<{ id: string }>) =>
  async (_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo) => {
    const { id } = await useCase(ctx, args);
    return readOne(ctx, info, "Deployment", { id });
  };

/** What operators do with a Deployment beside changing its settings. */
export const resolvers: Resolvers = {
  Mutation: {
    cordonDeployment: answering(cordonDeployment),
    uncordonDeployment: answering(uncordonDeployment),
    toggleWebserverReboot: answering(toggleWebserverReboot),
    updateDeploymentKedaConfig: answering(updateDeploymentKedaConfig),
    deploymentUserBulkImport: (_, args, ctx) => deploymentUserBulkImport(ctx, args),
    validateGitSyncCredentials: (_, args, ctx) => validateGitSyncCredentials(ctx, args),
  },
};
