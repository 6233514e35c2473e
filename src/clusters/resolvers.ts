import { deleteDeploymentConfig } from "../deployments/deleteDeploymentConfig.ts";
import { updateDeploymentConfig } from "../deployments/updateDeploymentConfig.ts";
import { answering } from "../read/answering.ts";
import { countRows } from "../read/countRows.ts";
import { readMany, readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { deleteWorkspaceDeploymentsConfig } from "../workspaces/deleteWorkspaceDeploymentsConfig.ts";
import { updateWorkspaceDeploymentsConfig } from "../workspaces/updateWorkspaceDeploymentsConfig.ts";
import { workspaceDeploymentsConfig } from "../workspaces/workspaceDeploymentsConfig.ts";
import { availableNamespaces } from "./availableNamespaces.ts";
import { cluster } from "./cluster.ts";
import { deregisterCluster } from "./deregisterCluster.ts";
import { paginatedClusters } from "./paginatedClusters.ts";
import { registerCluster } from "./registerCluster.ts";
import { updateCluster } from "./updateCluster.ts";

type Asked = ReturnType<typeof paginatedClusters>;

/** Clusters, and the layers of configuration over the platform's. */
export const resolvers: Resolvers = {
  Query: {
    cluster,
    paginatedClusters: (_, args, ctx) => paginatedClusters(args, ctx),
    availableNamespaces: (_, args, ctx) => availableNamespaces(ctx, args),
    workspaceDeploymentsConfig: (_, args, ctx) => workspaceDeploymentsConfig(ctx, args),
  },
  // Two lists of one question: each is read only where it is asked for.
  PaginatedClusters: {
    count: ({ where }: Asked, _, ctx) => countRows(ctx, "Cluster", where),
    clusters: ({ where, page }: Asked, _, ctx, info) => readMany(ctx, info, "Cluster", where, { page }),
  },
  Mutation: {
    registerCluster: answering("Cluster", registerCluster),
    updateCluster: answering("Cluster", updateCluster),
    deregisterCluster: async (_, args: { id: string }, ctx, info) => {
      const answer = await readOne(ctx, info, "Cluster", { id: args.id });
      await deregisterCluster(ctx, args);
      return answer;
    },
    updateDeploymentConfig: (_, args, ctx) => updateDeploymentConfig(ctx, args),
    deleteDeploymentConfig: (_, args, ctx) => deleteDeploymentConfig(ctx, args),
    updateWorkspaceDeploymentsConfig: (_, args, ctx) => updateWorkspaceDeploymentsConfig(ctx, args),
    deleteWorkspaceDeploymentsConfig: (_, args, ctx) => deleteWorkspaceDeploymentsConfig(ctx, args),
  },
};
