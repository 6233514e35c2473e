/** Sizes by their names: virtual CPUs, and memory in GiB. */
type Sizes = Readonly<Record<string, readonly [cpu: number, memory: number]>>;

const instances = (sizes: Sizes) =>
  Object.entries(sizes).map(([name, [cpu, memory]]) => ({ name, cpu, memory: `${memory}Gi` }));

const regions = (locations: Readonly<Record<string, string>>) =>
  Object.entries(locations).map(([name, location]) => ({ name, location }));

const nodeCounts = { nodeCountMin: 1, nodeCountDefault: 20, nodeCountMax: 100 };

/** Common regions and instance types of the public clouds. */
export const clusterOptionDefaults = [
  {
    provider: "AWS" as const,
    regions: regions({
      "us-east-1": "US East (N. Virginia)",
      "us-east-2": "US East (Ohio)",
      "us-west-2": "US West (Oregon)",
      "ca-central-1": "Canada (Central)",
      "eu-west-1": "Europe (Ireland)",
      "eu-central-1": "Europe (Frankfurt)",
      "ap-southeast-2": "Asia Pacific (Sydney)",
    }),
    nodeInstances: instances({
      "t3.medium": [2, 4],
      "m5.large": [2, 8],
      "m5.xlarge": [4, 16],
      "m5.2xlarge": [8, 32],
      "m5.4xlarge": [16, 64],
      "r5.xlarge": [4, 32],
    }),
    databaseInstances: instances({
      "db.t3.medium": [2, 4],
      "db.m5.large": [2, 8],
      "db.m5.xlarge": [4, 16],
      "db.r5.large": [2, 16],
      "db.r5.xlarge": [4, 32],
    }),
    defaultRegion: "us-east-1",
    defaultNodeInstance: "m5.xlarge",
    defaultDatabaseInstance: "db.m5.large",
    ...nodeCounts,
    defaultVpcSubnetRange: "172.20.0.0/20",
  },
  {
    provider: "AZURE" as const,
    regions: regions({
      eastus2: "East US 2 (Virginia)",
      westus2: "West US 2 (Washington)",
      canadacentral: "Canada Central (Toronto)",
      northeurope: "North Europe (Ireland)",
      westeurope: "West Europe (Netherlands)",
      australiaeast: "Australia East (New South Wales)",
    }),
    nodeInstances: instances({
      Standard_D4d_v5: [4, 16],
      Standard_D8d_v5: [8, 32],
      Standard_D16d_v5: [16, 64],
      Standard_E4d_v5: [4, 32],
      Standard_E8d_v5: [8, 64],
    }),
    databaseInstances: instances({
      Standard_D2ds_v4: [2, 8],
      Standard_D4ds_v4: [4, 16],
      Standard_D8ds_v4: [8, 32],
      Standard_E2ds_v4: [2, 16],
    }),
    defaultRegion: "eastus2",
    defaultNodeInstance: "Standard_D4d_v5",
    defaultDatabaseInstance: "Standard_D2ds_v4",
    ...nodeCounts,
    defaultVpcSubnetRange: "172.20.0.0/19",
  },
  {
    provider: "GCP" as const,
    regions: regions({
      "us-central1": "Iowa",
      "us-east4": "Northern Virginia",
      "us-west1": "Oregon",
      "northamerica-northeast1": "Montréal",
      "europe-west1": "Belgium",
      "europe-west3": "Frankfurt",
      "australia-southeast1": "Sydney",
    }),
    nodeInstances: instances({
      "e2-standard-4": [4, 16],
      "e2-standard-8": [8, 32],
      "e2-standard-16": [16, 64],
      "n2-standard-4": [4, 16],
      "e2-highmem-4": [4, 32],
    }),
    databaseInstances: instances({
      "db-custom-2-8192": [2, 8],
      "db-custom-4-16384": [4, 16],
      "db-custom-8-32768": [8, 32],
      "db-custom-2-13312": [2, 13],
    }),
    defaultRegion: "us-central1",
    defaultNodeInstance: "e2-standard-4",
    defaultDatabaseInstance: "db-custom-2-8192",
    ...nodeCounts,
    defaultVpcSubnetRange: "172.20.0.0/22",
    defaultPodSubnetRange: "172.21.0.0/19",
    defaultServiceSubnetRange: "172.22.0.0/22",
    defaultServicePeeringRange: "172.23.0.0/20",
  },
];
