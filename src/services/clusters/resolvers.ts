import type { Resolvers } from "../../generated/resolvers.ts";
import { countRows } from "../../query/countRows.ts";
import { readMany } from "../../query/read.ts";
import { readThen, thenRead } from "../../query/thenRead.ts";
import { availableNamespaces } from "./availableNamespaces.ts";
import { cluster } from "./cluster.ts";
import { deregisterCluster } from "./deregisterCluster.ts";
import { paginatedClusters } from "./paginatedClusters.ts";
import { registerCluster } from "./registerCluster.ts";
import { updateCluster } from "./updateCluster.ts";

/** Clusters. */
export const resolvers: Resolvers = {
  Query: {
    cluster,
    paginatedClusters: (_, args, ctx) => paginatedClusters(args, ctx),
    availableNamespaces: (_, args, ctx) => availableNamespaces(ctx, args),
  },
  // Both fields use one query; each is only read if it is selected.
  PaginatedClusters: {
    count: ({ where }, _, ctx, info) => countRows(ctx, info, "Cluster", where),
    clusters: ({ where, page }, _, ctx, info) => readMany(ctx, info, "Cluster", where, { page }),
  },
  Mutation: {
    registerCluster: thenRead("Cluster", registerCluster),
    updateCluster: thenRead("Cluster", updateCluster),
    deregisterCluster: readThen("Cluster", ({ id }) => ({ id }), deregisterCluster),
  },
};
