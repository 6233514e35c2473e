import { z } from "zod";
import { cloudProviders } from "../../../platform/config/clusterOptions.ts";
import { Flag, oneOf } from "../../../platform/input/input.ts";
import {
  ClusterRange,
  ClusterTag,
  clusterTypes,
  nodePoolFields,
  nodePoolsOf,
  ProviderName,
  tagsOf,
  WorkspaceIds,
} from "../../../services/clusters/clusterFields.ts";
import { ClusterName } from "../../../services/clusters/clusterInput.ts";

const option = z.string("must be a string");

/** A tag, in requests and in answers. */
export const ClusterK8sTag = ClusterTag.meta({ id: "ClusterK8sTag" });
const CreateNodePoolRequest = z.strictObject(nodePoolFields).meta({ id: "CreateNodePoolRequest" });
const UpdateNodePoolRequest = z
  .strictObject({
    id: z
      .string("must be an ID")
      .optional()
      .describe("The node pool to change; without an ID, the one of the same name, or else a new one."),
    ...nodePoolFields,
  })
  .meta({ id: "UpdateNodePoolRequest" });

const k8sTags = tagsOf(ClusterK8sTag);
const range = ClusterRange.optional();
const dbInstanceType = option
  .optional()
  .describe("One of the databaseInstances of the cluster options; by default defaultDatabaseInstance.");
const drRegion = option.optional().describe("One of the regions of the cluster options, other than the cluster's own.");
const enableReplicationTimeControl = Flag.optional();

/** What clusters of all providers are created with. */
const forAll = {
  name: ClusterName.describe("Unique in the installation."),
  type: oneOf(clusterTypes),
  region: option.describe("One of the regions of the cluster options."),
  vpcSubnetRange: ClusterRange,
  dbInstanceType,
  providerAccount: ProviderName.optional(),
  k8sTags: k8sTags.optional(),
  nodePools: nodePoolsOf(CreateNodePoolRequest)
    .optional()
    .describe("Node pools with different names. The first one is the default if none says that it is."),
  workspaceIds: WorkspaceIds.optional(),
  drRegion: drRegion.describe("The region of disaster recovery, which this enables. Must be another region."),
  drVpcSubnetRange: range,
  enableReplicationTimeControl,
};

const CreateAwsClusterRequest = z
  .strictObject({ cloudProvider: z.literal("AWS"), ...forAll, secondaryVpcCidr: range, drSecondaryVpcCidr: range })
  .meta({ id: "CreateAwsClusterRequest" });

const CreateAzureClusterRequest = z
  .strictObject({ cloudProvider: z.literal("AZURE"), ...forAll, tenantId: ProviderName.optional() })
  .meta({ id: "CreateAzureClusterRequest" });

const CreateGcpClusterRequest = z
  .strictObject({
    cloudProvider: z.literal("GCP"),
    ...forAll,
    podSubnetRange: ClusterRange,
    serviceSubnetRange: ClusterRange,
    servicePeeringRange: ClusterRange,
    drPodSubnetRange: range,
    drServiceSubnetRange: range,
    drServicePeeringRange: range,
  })
  .meta({ id: "CreateGcpClusterRequest" });

export const CreateClusterRequest = z
  .discriminatedUnion("cloudProvider", [CreateAwsClusterRequest, CreateAzureClusterRequest, CreateGcpClusterRequest], {
    error: ({ code }) =>
      code === "invalid_union" ? `must be one of ${cloudProviders.join(", ")}` : "must be an object",
  })
  .meta({ id: "CreateClusterRequest" });

export const UpdateClusterRequest = z
  .strictObject({
    name: ClusterName.describe("Unique in the installation."),
    k8sTags: k8sTags.describe("All tags of the cluster: those that are not in the list are removed."),
    nodePools: nodePoolsOf(UpdateNodePoolRequest)
      .optional()
      .describe(
        "All node pools of the cluster: those that are not in the list are removed, unless Deployments use them.",
      ),
    workspaceIds: WorkspaceIds.optional(),
    clusterType: z
      .literal("DEDICATED", "must be DEDICATED")
      .optional()
      .describe("Turns a cluster of type HYBRID into one of type DEDICATED."),
    dbInstanceType: option.optional().describe("One of the databaseInstances of the cluster options."),
    drRegion,
    drVpcSubnetRange: range,
    drPodSubnetRange: range,
    drServiceSubnetRange: range,
    drServicePeeringRange: range,
    enableDr: Flag.optional(),
    enableReplicationTimeControl,
    isFailedOver: Flag.optional(),
  })
  .meta({ id: "UpdateClusterRequest" });
