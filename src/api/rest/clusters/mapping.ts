import type { z } from "zod";
import type { Cluster } from "./schemas.ts";

const only = { v1: "Only here." };
const details = { v1: "Only here, and only with `system.clusters.get`." };
const ifEnabled = { v1: "Only here, with disaster recovery." };

/** Where each field of a Cluster comes from, for the reader of the documentation. */
export const clusterMapping: Readonly<Record<keyof z.output<typeof Cluster>, { v1: string }>> = {
  id: { v1: "`id`." },
  organizationId: only,
  name: { v1: "`name`." },
  type: { v1: "Only here; `HYBRID` for a cluster that was registered over GraphQL." },
  status: { v1: "`status`: `CREATED` while it is active, otherwise `ACCESS_DENIED`." },
  healthStatus: { v1: "`healthStatus`; only with `system.clusters.get`." },
  cloudProvider: { v1: "`cloudProvider`." },
  region: { v1: "Only here; otherwise the default of the provider." },
  dbInstanceType: { v1: "Only here; otherwise the default of the provider." },
  vpcSubnetRange: { v1: "Only here; otherwise the default of the provider." },
  podSubnetRange: only,
  servicePeeringRange: only,
  serviceSubnetRange: only,
  secondaryVpcCidr: only,
  providerAccount: details,
  tenantId: details,
  isDrEnabled: only,
  drRegion: ifEnabled,
  drVpcSubnetRange: ifEnabled,
  drPodSubnetRange: ifEnabled,
  drServicePeeringRange: ifEnabled,
  drServiceSubnetRange: ifEnabled,
  drSecondaryVpcCidr: ifEnabled,
  enableReplicationTimeControl: only,
  isFailedOver: only,
  failoverInProgress: { v1: "Always false." },
  isLimited: { v1: "Only here: true if `workspaceIds` are given." },
  workspaceIds: only,
  tags: only,
  nodePools: only,
  metadata: { v1: "No external IPs are known." },
  createdAt: { v1: "`createdAt`." },
  updatedAt: { v1: "`updatedAt`." },
};
