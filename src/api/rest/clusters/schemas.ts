import { z } from "zod";
import { cloudProviders } from "../../../platform/config/clusterOptions.ts";
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
import { PageInfo, Paging, Strings, Time } from "../routing/parts.ts";

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(", ")}`);
const flag = z.boolean("must be true or false");
const option = z.string("must be a string");

const ClusterK8sTag = ClusterTag.meta({ id: "ClusterK8sTag" });
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
const enableReplicationTimeControl = flag.optional();

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
    enableDr: flag.optional(),
    enableReplicationTimeControl,
    isFailedOver: flag.optional(),
  })
  .meta({ id: "UpdateClusterRequest" });

export const NodePool = z
  .strictObject({
    id: z.string(),
    clusterId: z.string(),
    cloudProvider: oneOf(cloudProviders),
    name: z.string(),
    nodeInstanceType: z.string(),
    maxNodeCount: z.int(),
    isDefault: z.boolean(),
    supportedAstroMachines: z.array(z.string()).optional(),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: "NodePool" });

const ClusterMetadata = z
  .strictObject({
    externalIPs: z.array(z.string()).optional(),
    kubeDnsIp: z.string().optional(),
    oidcIssuerUrl: z.string().optional(),
  })
  .meta({ id: "ClusterMetadata" });

const ClusterHealthStatusDetail = z
  .strictObject({
    code: z.string(),
    component: z.string().optional(),
    description: z.string(),
    severity: z.string(),
  })
  .meta({ id: "ClusterHealthStatusDetail" });

const ClusterHealthStatus = z
  .strictObject({
    value: oneOf(["HEALTHY", "UNHEALTHY", "UNKNOWN"]),
    details: z.array(ClusterHealthStatusDetail).optional(),
  })
  .meta({ id: "ClusterHealthStatus" });

const statuses = ["CREATED", "CREATE_FAILED", "CREATING", "UPDATING"] as const;
const laterStatuses = ["ACCESS_DENIED", "FAILING_OVER", "FAILOVER_FAILED", "UPDATE_FAILED", "UPGRADE_PENDING"] as const;

export const Cluster = z
  .strictObject({
    id: z.string(),
    organizationId: z.string(),
    name: z.string(),
    cloudProvider: oneOf(cloudProviders),
    type: oneOf(clusterTypes),
    status: oneOf([...statuses, ...laterStatuses]).describe("CREATED, or ACCESS_DENIED while it is INACTIVE."),
    region: z.string(),
    dbInstanceType: z.string(),
    providerAccount: z.string().optional(),
    tenantId: z.string().optional(),
    vpcSubnetRange: z.string(),
    podSubnetRange: z.string().optional(),
    serviceSubnetRange: z.string().optional(),
    servicePeeringRange: z.string().optional(),
    secondaryVpcCidr: z.string().optional(),
    isDrEnabled: z.boolean(),
    isFailedOver: z.boolean().optional(),
    failoverInProgress: z.boolean().optional(),
    drRegion: z.string(),
    drVpcSubnetRange: z.string().optional(),
    drPodSubnetRange: z.string().optional(),
    drServiceSubnetRange: z.string().optional(),
    drServicePeeringRange: z.string().optional(),
    drSecondaryVpcCidr: z.string().optional(),
    enableReplicationTimeControl: z.boolean().optional(),
    isLimited: z.boolean().optional().describe("Whether it accepts Deployments of some Workspaces only."),
    workspaceIds: z.array(z.string()).optional(),
    tags: z.array(ClusterK8sTag).optional(),
    nodePools: z.array(NodePool).optional(),
    metadata: ClusterMetadata.optional(),
    healthStatus: ClusterHealthStatus.optional().describe("Shown to those who may see every detail of clusters."),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: "Cluster" });

export const ClustersPaginated = z
  .strictObject({ clusters: z.array(Cluster), ...PageInfo })
  .meta({ id: "ClustersPaginated" });

export const ClustersQuery = z.strictObject({
  provider: oneOf(cloudProviders).optional().describe("Only clusters of this provider."),
  names: Strings.optional().describe("Only clusters with one of these names."),
  ...Paging,
});

const ProviderInstanceType = z
  .strictObject({ name: z.string(), cpu: z.int(), memory: z.string() })
  .meta({ id: "ProviderInstanceType" });

const ProviderRegion = z
  .strictObject({
    name: z.string(),
    location: z.string().optional(),
    limited: z.boolean().optional(),
    bannedInstances: z.array(z.string()).optional(),
  })
  .meta({ id: "ProviderRegion" });

export const ClusterOptions = z
  .strictObject({
    provider: oneOf(cloudProviders),
    regions: z.array(ProviderRegion),
    defaultRegion: ProviderRegion,
    nodeInstances: z.array(ProviderInstanceType),
    defaultNodeInstance: ProviderInstanceType,
    databaseInstances: z.array(ProviderInstanceType),
    defaultDatabaseInstance: ProviderInstanceType,
    nodeCountMin: z.int(),
    nodeCountDefault: z.int(),
    nodeCountMax: z.int(),
    defaultVpcSubnetRange: z.string(),
    defaultPodSubnetRange: z.string().optional(),
    defaultServiceSubnetRange: z.string().optional(),
    defaultServicePeeringRange: z.string().optional(),
  })
  .meta({ id: "ClusterOptions" });

export const ClusterOptionsQuery = z.strictObject({
  type: oneOf(clusterTypes).describe("The type of cluster to create; all types have the same options."),
  provider: oneOf(cloudProviders).optional().describe("Only the options of this provider."),
});
