import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { assertApart } from "./assertApart.ts";
import { assertWorkspaces } from "./assertWorkspaces.ts";
import { type clusterTypes, type GivenNodePool, type GivenTag, type Ranges, storedTags } from "./clusterFields.ts";
import { clusterNameConflict } from "./clusterInput.ts";
import { assertFields, assertProvider } from "./clusterOptions.ts";
import { newNodePools } from "./nodePools.ts";

/** A cluster to create. */
export interface NewCluster extends Ranges {
  organizationId: string;
  name: string;
  cloudProvider: string;
  type: (typeof clusterTypes)[number];
  region: string;
  dbInstanceType?: string | undefined;
  providerAccount?: string | undefined;
  tenantId?: string | undefined;
  k8sTags?: readonly GivenTag[] | undefined;
  nodePools?: readonly GivenNodePool[] | undefined;
  workspaceIds?: string[] | undefined;
  drRegion?: string | undefined;
  enableReplicationTimeControl?: boolean | undefined;
}

/**
 * Creates a cluster, which Deployments can use immediately. Throws BAD_USER_INPUT for what is not among the options of
 * its provider, for ranges that overlap and for unknown Workspaces; CONFLICT for a name that is already in use.
 */
export async function createCluster(ctx: Context, given: NewCluster): Promise<{ id: string }> {
  const { organizationId, name, cloudProvider, k8sTags = [], nodePools = [], workspaceIds = [], ...fields } = given;
  const options = assertProvider(ctx.config, cloudProvider);
  // Stored, so that the cluster keeps it if the default changes.
  const dbInstanceType = fields.dbInstanceType ?? options.defaultDatabaseInstance;
  assertFields(options, { ...fields, dbInstanceType });
  assertApart(fields);
  const pools = newNodePools({ options, region: fields.region }, nodePools);
  const isDrEnabled = fields.drRegion !== undefined;
  const platformApi = { ...fields, dbInstanceType, isDrEnabled, tags: storedTags(k8sTags), workspaceIds };
  const author = actorOf(ctx);
  return ctx.db
    .$transaction(async (tx) => {
      await assertWorkspaces(tx, organizationId, workspaceIds);
      const data = { organizationId, name, cloudProvider, platformApi, createdBy: author, updatedBy: author };
      const { id } = await tx.cluster.create({
        data: { ...(data as Prisma.ClusterUncheckedCreateInput), nodePools: { create: pools } },
        select: { id: true },
      });
      await recordAudit(ctx, tx, {
        action: "createCluster",
        entityType: "Cluster",
        entityId: id,
        detail: { name, cloudProvider, region: fields.region },
      });
      return { id };
    })
    .catch(clusterNameConflict(name));
}
