import type { Resolvers } from "../../../generated/resolvers.ts";
import { paginatedDeployRevisions } from "./paginatedDeployRevisions.ts";

/** Deploys of Deployments. */
export const resolvers: Resolvers = {
  Query: { paginatedDeployRevisions },
};
