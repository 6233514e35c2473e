import { z } from "zod";
import { cloudProviders } from "../../../platform/config/clusterOptions.ts";
import { oneOf } from "../../../platform/input/input.ts";
import { clusterTypes } from "../../../services/clusters/clusterFields.ts";
import { PageInfo, Paging, Strings, Time } from "../routing/parts.ts";
import { ClusterK8sTag } from "./requests.ts";

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
    workspaceIds: z.array(z.string()).optional().describe("Shown to those who may see every detail of clusters."),
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
