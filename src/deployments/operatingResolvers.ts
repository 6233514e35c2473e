import { answering } from "../read/answering.ts";
import type { Resolvers } from "../schema.ts";
import { cordonDeployment, uncordonDeployment } from "./cordonDeployment.ts";
import { deploymentUserBulkImport } from "./deploymentUserBulkImport.ts";
import { toggleWebserverReboot } from "./toggleWebserverReboot.ts";
import { updateDeploymentKedaConfig } from "./updateDeploymentKedaConfig.ts";
import { validateGitSyncCredentials } from "./validateGitSyncCredentials.ts";

/** What operators do with a Deployment beside changing its settings. */
export const resolvers: Resolvers = {
  Mutation: {
    cordonDeployment: answering("Deployment", cordonDeployment),
    uncordonDeployment: answering("Deployment", uncordonDeployment),
    toggleWebserverReboot: answering("Deployment", toggleWebserverReboot),
    updateDeploymentKedaConfig: answering("Deployment", updateDeploymentKedaConfig),
    deploymentUserBulkImport: (_, args, ctx) => deploymentUserBulkImport(ctx, args),
    validateGitSyncCredentials: (_, args, ctx) => validateGitSyncCredentials(ctx, args),
  },
};
