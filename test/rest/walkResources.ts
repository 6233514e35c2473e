import { RUNTIME } from "./deploymentNames.ts";

export type Body = Record<string, unknown>;

/** An object as Terraform manages it. */
export interface Resource {
  noun: "Cluster" | "Workspace" | "Deployment";
  id: string;
  created: Body;
  updated: Body;
}

const range = (n: number) => `10.${n}.0.0/16`;
const pool = (name: string, given: Body = {}) => ({ name, nodeInstanceType: "m5.xlarge", maxNodeCount: 5, ...given });

/** Clusters with every field that the contract has for the provider. */
export const clusters = (workspaceId: string) => {
  const shared = (provider: string) => ({
    name: `${provider} walk`,
    cloudProvider: provider,
    vpcSubnetRange: range(1),
    providerAccount: "123456789012",
    k8sTags: [{ key: "team", value: "blue" }],
    workspaceIds: [workspaceId],
    drVpcSubnetRange: range(2),
    enableReplicationTimeControl: true,
  });
  const change = (provider: string) => ({
    name: `${provider} walk, changed`,
    k8sTags: [
      { key: "team", value: "green" },
      { key: "cost", value: "7" },
    ],
    workspaceIds: [],
    drVpcSubnetRange: range(12),
    enableDr: true,
    enableReplicationTimeControl: false,
    isFailedOver: false,
  });
  const resource = (created: Body, updated: Body): Resource => ({ noun: "Cluster", id: "clusterId", created, updated });
  return {
    AWS: resource(
      {
        ...shared("AWS"),
        ...{ type: "HYBRID", region: "us-east-1", dbInstanceType: "db.m5.large", drRegion: "us-west-2" },
        ...{ secondaryVpcCidr: "100.64.0.0/16", drSecondaryVpcCidr: "100.65.0.0/16" },
        nodePools: [pool("main", { isDefault: true }), pool("large", { nodeInstanceType: "m5.4xlarge" })],
      },
      {
        ...change("AWS"),
        ...{ clusterType: "DEDICATED", dbInstanceType: "db.r5.large", drRegion: "eu-west-1" },
        nodePools: [pool("main", { isDefault: true, maxNodeCount: 9 }), pool("other")],
      },
    ),
    AZURE: resource(
      {
        ...shared("AZURE"),
        ...{ type: "DEDICATED", region: "eastus2", dbInstanceType: "Standard_D2ds_v4", drRegion: "westus2" },
        ...{ tenantId: "tenant", nodePools: [pool("main", { nodeInstanceType: "Standard_D4d_v5" })] },
      },
      { ...change("AZURE"), drRegion: "westeurope" },
    ),
    GCP: resource(
      {
        ...shared("GCP"),
        ...{ type: "DEDICATED", region: "us-central1", dbInstanceType: "db-custom-4-16384", drRegion: "us-east4" },
        ...{ podSubnetRange: range(3), serviceSubnetRange: range(4), servicePeeringRange: range(5) },
        ...{ drPodSubnetRange: range(6), drServiceSubnetRange: range(7), drServicePeeringRange: range(8) },
        nodePools: [pool("main", { nodeInstanceType: "e2-standard-4" })],
      },
      {
        ...change("GCP"),
        ...{ drRegion: "us-west1", drPodSubnetRange: range(16), drServiceSubnetRange: range(17) },
        drServicePeeringRange: range(18),
      },
    ),
  };
};

/** A Workspace with every field. */
export const workspaceResource = (name: string): Resource => ({
  noun: "Workspace",
  id: "workspaceId",
  created: { name, description: "Before", cicdEnforcedDefault: true },
  updated: { name: `${name}, changed`, description: "", cicdEnforcedDefault: false },
});

/** A worker queue; the one named default is the default. */
export const queue = (name: string, given: Body = {}) => ({
  ...{ name, isDefault: name === "default", minWorkerCount: 0, maxWorkerCount: 10, workerConcurrency: 5 },
  ...given,
});

/** Where Deployments are: a cluster of each type, and a node pool of the HYBRID one. */
export interface Place {
  workspaceId: string;
  dedicated: string;
  hybrid: string;
  nodePoolId: string;
}

/** Deployments with every field that the contract has for their type. */
export function deployments({ workspaceId, dedicated, hybrid, nodePoolId }: Place) {
  const shared = (type: string) => ({
    ...{ type, name: `${type} walk`, description: "For reports", workspaceId, executor: "CELERY" },
    ...{ isCicdEnforced: true, isDagDeployEnabled: true, contactEmails: ["b@example.com", "a@example.com"] },
    ...{ workloadIdentity: "role", drWorkloadIdentity: "other role" },
    environmentVariables: [
      { key: "COLOR", value: "blue", isSecret: false },
      { key: "PASSWORD", value: "s3cret", isSecret: true },
      { key: "BEFORE", value: "", isSecret: false },
    ],
  });
  const sizes = {
    ...{ schedulerSize: "MEDIUM", isHighAvailability: true, isDevelopmentMode: false },
    ...{ defaultTaskPodCpu: "0.5", defaultTaskPodMemory: "1Gi" },
    ...{ resourceQuotaCpu: "10", resourceQuotaMemory: "20Gi" },
    workerQueues: [queue("default", { astroMachine: "A5" }), queue("big", { astroMachine: "A20" })],
    remoteExecution: {
      ...{ enabled: true, allowedIpAddressRanges: ["203.0.113.0/24"] },
      ...{ taskLogBucket: "logs", taskLogUrlPattern: "https://logs.example.com/{id}" },
    },
    scalingSpec: {
      hibernationSpec: {
        override: { isHibernating: true, overrideUntil: "2035-01-01T00:00:00Z" },
        schedules: [{ description: "Night", hibernateAtCron: "0 20 * * *", wakeAtCron: "0 7 * * *", isEnabled: true }],
      },
    },
  };
  const change = (type: string) => ({
    ...shared(type),
    ...{ name: `${type} walk, changed`, description: "", isCicdEnforced: false, isDagDeployEnabled: false },
    ...{ contactEmails: [], workloadIdentity: "new role", drWorkloadIdentity: "newer role" },
    environmentVariables: [
      { key: "PASSWORD", isSecret: true },
      { key: "COLOR", value: "green", isSecret: false },
    ],
  });
  const changedSizes = {
    ...{ schedulerSize: "SMALL", isHighAvailability: false, isDevelopmentMode: true },
    ...{ defaultTaskPodCpu: "250m", defaultTaskPodMemory: "512Mi" },
    ...{ resourceQuotaCpu: "20", resourceQuotaMemory: "40Gi" },
    workerQueues: [queue("default", { astroMachine: "A10", maxWorkerCount: 7 })],
    remoteExecution: { enabled: false, allowedIpAddressRanges: [] },
    scalingSpec: { hibernationSpec: { schedules: [] } },
  };
  const onPool = (name: string, given: Body = {}) => queue(name, { nodePoolId, ...given });
  const version = { astroRuntimeVersion: RUNTIME };
  const resource = (created: Body, updated: Body): Resource => ({
    ...{ noun: "Deployment", id: "deploymentId", created: { ...created, ...version }, updated },
  });
  return {
    DEDICATED: resource(
      { ...shared("DEDICATED"), ...sizes, clusterId: dedicated },
      { ...change("DEDICATED"), ...changedSizes },
    ),
    HYBRID: resource(
      {
        ...{
          ...shared("HYBRID"),
          clusterId: hybrid,
          scheduler: { au: 10, replicas: 2 },
          taskPodNodePoolId: nodePoolId,
        },
        workerQueues: [onPool("default"), onPool("more")],
      },
      {
        ...{ ...change("HYBRID"), scheduler: { au: 5, replicas: 1 }, taskPodNodePoolId: nodePoolId },
        workerQueues: [onPool("default", { workerConcurrency: 8 })],
      },
    ),
    STANDARD: resource(
      { ...shared("STANDARD"), ...sizes, cloudProvider: "AWS", region: "us-east-1" },
      { ...change("STANDARD"), ...changedSizes },
    ),
  };
}
