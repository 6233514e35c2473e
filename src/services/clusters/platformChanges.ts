import type { Context } from "../../access/context.ts";
import type { Cluster, Prisma } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { assertApart } from "./assertApart.ts";
import { assertWorkspaces } from "./assertWorkspaces.ts";
import { type GivenNodePool, type GivenTag, type Ranges, type StoredFields, storedTags } from "./clusterFields.ts";
import { assertFields, optionsOf } from "./clusterOptions.ts";
import { replaceNodePools } from "./nodePools.ts";

/** Changes of what only the Platform API knows of a cluster; omitted properties are unchanged. */
export interface PlatformChanges extends Ranges {
  k8sTags?: readonly GivenTag[] | undefined;
  nodePools?: readonly GivenNodePool[] | undefined;
  workspaceIds?: string[] | undefined;
  clusterType?: "DEDICATED" | undefined;
  dbInstanceType?: string | undefined;
  drRegion?: string | undefined;
  enableDr?: boolean | undefined;
  enableReplicationTimeControl?: boolean | undefined;
  isFailedOver?: boolean | undefined;
}

/** Ranges that only clusters of GCP have. */
const ofGcp = ["drPodSubnetRange", "drServicePeeringRange", "drServiceSubnetRange"] as const;

/**
 * Replaces the node pools if they are given, and returns the column `platformApi` after the changes; the cluster's row
 * must be locked. Throws BAD_USER_INPUT and CONFLICT like createCluster and replaceNodePools.
 */
export async function applyPlatformChanges(
  { config }: Context,
  tx: Prisma.TransactionClient,
  cluster: Pick<Cluster, "id" | "organizationId" | "cloudProvider" | "platformApi">,
  { k8sTags, nodePools, workspaceIds, clusterType: type, enableDr: isDrEnabled, ...fields }: PlatformChanges,
): Promise<Prisma.InputJsonObject> {
  const { id, organizationId, cloudProvider } = cluster;
  const stored = cluster.platformApi as StoredFields;
  const options = optionsOf(config, cloudProvider);
  const other = ofGcp.find((field) => fields[field] !== undefined && cloudProvider !== "GCP");
  if (other) throw badInput(other, `must be omitted: a cluster of ${cloudProvider} has none`);
  assertFields(options, fields, stored);
  assertApart(fields, stored);
  if (workspaceIds) await assertWorkspaces(tx, organizationId, workspaceIds, stored.workspaceIds);
  if (nodePools) await replaceNodePools(tx, id, { options, region: stored.region }, nodePools);
  const tags = k8sTags && storedTags(k8sTags);
  const changes = Object.entries({ ...fields, tags, workspaceIds, type, isDrEnabled });
  const after = { ...stored, ...Object.fromEntries(changes.filter(([, value]) => value !== undefined)) };
  return after as Prisma.InputJsonObject;
}
