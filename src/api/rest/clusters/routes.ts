import { z } from "zod";
import { createCluster } from "../../../services/clusters/createCluster.ts";
import { deregisterCluster } from "../../../services/clusters/deregisterCluster.ts";
import { updateCluster } from "../../../services/clusters/updateCluster.ts";
import { pageOf } from "../routing/parts.ts";
import { defineRoute, holding, inOrganization } from "../routing/route.ts";
import { clusterOptions } from "./clusterOptions.ts";
import { CreateClusterRequest, UpdateClusterRequest } from "./requests.ts";
import { Cluster, ClusterOptions, ClusterOptionsQuery, ClustersPaginated, ClustersQuery } from "./schemas.ts";

const tag = "cluster";
const list = "/organizations/{organizationId}/clusters";
const one = "/organizations/{organizationId}/clusters/{clusterId}";
const row = { view: "Cluster", id: "clusterId" } as const;
const change = [inOrganization, holding("SYSTEM", "", "system.clusters.update")];

/** The operations about clusters. */
export const clusterRoutes = [
  defineRoute({
    operationId: "listClusters",
    tag,
    method: "GET",
    path: list,
    summary: "List the clusters of an Organization",
    access: [inOrganization],
    query: ClustersQuery,
    answer: ClustersPaginated,
    errors: [400, 401, 403, 500],
    work: {
      read: "Cluster",
      find: ({ params: { organizationId }, query: { provider, names, ...page } }) => ({
        where: { organizationId, cloudProvider: provider, name: names },
        page: pageOf("clusters", page, { createdAt: "createdAt", name: "name", updatedAt: "updatedAt" }),
      }),
    },
  }),
  defineRoute({
    operationId: "createCluster",
    tag,
    method: "POST",
    path: list,
    summary: "Create a cluster",
    description:
      "Deployments can use it immediately. What the cluster options list must be one of them. A name in use: 412.",
    access: change,
    body: CreateClusterRequest,
    example: {
      type: "DEDICATED",
      name: "green",
      cloudProvider: "AWS",
      region: "us-east-1",
      vpcSubnetRange: "172.20.0.0/20",
      k8sTags: [{ key: "team", value: "green" }],
    },
    answer: Cluster,
    errors: [400, 401, 403, 404, 412, 500],
    work: {
      run: (ctx, { params: { organizationId }, body }) => createCluster(ctx, { ...body, organizationId }),
      thenRead: "Cluster",
    },
  }),
  defineRoute({
    operationId: "getCluster",
    tag,
    method: "GET",
    path: one,
    summary: "Get a cluster",
    access: [inOrganization],
    answer: Cluster,
    errors: [400, 401, 403, 404, 500],
    row,
    work: {
      read: "Cluster",
      find: ({ params: { organizationId, clusterId } }) => ({ where: { id: clusterId, organizationId } }),
    },
  }),
  defineRoute({
    operationId: "updateCluster",
    tag,
    method: "POST",
    path: one,
    summary: "Update a cluster",
    description:
      "Changes what is given. Removing a node pool that Deployments use, a name in use, and renaming a cluster while its " +
      "status is ACCESS_DENIED: 412.",
    access: change,
    body: UpdateClusterRequest,
    example: { name: "dark-green", k8sTags: [{ key: "team", value: "green" }] },
    answer: Cluster,
    errors: [400, 401, 403, 404, 412, 500],
    names: { id: "clusterId" },
    row,
    work: {
      run: (ctx, { params: { organizationId, clusterId: id }, body: { name, ...platform } }) =>
        updateCluster(ctx, { id, organizationId, name, platform }),
      thenRead: "Cluster",
    },
  }),
  defineRoute({
    operationId: "deleteCluster",
    tag,
    method: "DELETE",
    path: one,
    summary: "Delete a cluster without Deployments",
    description: "A cluster with Deployments, and the default cluster: 412.",
    access: change,
    errors: [400, 401, 403, 404, 412, 500],
    names: { id: "clusterId" },
    row,
    work: {
      run: (ctx, { params: { organizationId, clusterId: id } }) => deregisterCluster(ctx, { id, organizationId }),
    },
  }),
  defineRoute({
    operationId: "getClusterOptions",
    tag: "options",
    method: "GET",
    path: "/organizations/{organizationId}/cluster-options",
    summary: "List what clusters can be, for each provider",
    access: [inOrganization],
    query: ClusterOptionsQuery,
    answer: z.array(ClusterOptions),
    errors: [400, 401, 403, 404, 500],
    work: { compute: async ({ config }, { query: { provider } }) => clusterOptions(config, provider) },
  }),
];
