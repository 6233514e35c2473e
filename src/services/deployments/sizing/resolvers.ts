import type { Resolvers } from "../../../query/resolvers.ts";
import { thenRead } from "../../../query/thenRead.ts";
import { updateDeploymentKedaConfig } from "./updateDeploymentKedaConfig.ts";

export const resolvers: Resolvers = {
  Mutation: { updateDeploymentKedaConfig: thenRead("Deployment", updateDeploymentKedaConfig) },
};
