import type { Resolvers } from "../../generated/resolvers.ts";
import { provisions } from "./provisions.ts";
import { reconcileDeployment } from "./reconcileDeployment.ts";

/** What Houston keeps on clusters, and trying again. */
export const resolvers: Resolvers = {
  Query: { provisions },
  Mutation: { reconcileDeployment: (_, args, ctx) => reconcileDeployment(ctx, args) },
};
