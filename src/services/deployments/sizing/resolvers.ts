import type { Resolvers } from "../../../generated/resolvers.ts";
import { thenRead } from "../../../query/thenRead.ts";
import { updateDeploymentKedaConfig } from "./updateDeploymentKedaConfig.ts";

export const resolvers: Resolvers = {
  Mutation: { updateDeploymentKedaConfig: thenRead("Deployment", updateDeploymentKedaConfig) },
};
