import type { Context } from "../../../access/context.ts";
import type { Cluster } from "../../../generated/prisma/client.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import type { NewDeploymentRequest } from "./deploymentRequest.ts";

/** What `Cluster.platformApi` says about the Deployments of a cluster. */
interface ClusterSettings {
  type?: "DEDICATED" | "HYBRID";
  region?: string;
  workspaceIds?: string[];
}

/** The type of clusters that nobody described. */
const DEFAULT_TYPE = "HYBRID";

const settingsOf = ({ platformApi }: Pick<Cluster, "platformApi">) => platformApi as ClusterSettings;

/** The type of the Deployments that name the cluster. */
export const typeOf = (cluster: Pick<Cluster, "platformApi">) => settingsOf(cluster).type ?? DEFAULT_TYPE;

/**
 * The cluster for a new Deployment of the Organization: the named one; for type STANDARD otherwise one at the provider and
 * in the region, or without either the default cluster, which all Organizations share. Throws BAD_USER_INPUT for a cluster
 * that does not exist in the Organization, is inactive, is of another type, or is kept for other Workspaces.
 */
export async function clusterForRequest(
  { db }: Context,
  organizationId: string,
  given: NewDeploymentRequest,
): Promise<Cluster> {
  const { clusterId, type, cloudProvider, region, workspaceId } = given;
  if (clusterId === undefined) return chooseCluster(await candidates(db, organizationId, workspaceId), given);
  const shared = type === "STANDARD" ? [{ isDefault: true }] : [];
  const cluster = await db.cluster.findFirst({ where: { id: clusterId, OR: [{ organizationId }, ...shared] } });
  if (!cluster) throw badInput("clusterId", "unknown cluster");
  if (type !== "STANDARD" && typeOf(cluster) !== type) {
    throw badInput("clusterId", `must be a cluster of type ${type}; ${cluster.name} is of type ${typeOf(cluster)}`);
  }
  if (!allows(cluster, workspaceId)) throw badInput("clusterId", "must be a cluster that is open to the Workspace");
  if (cloudProvider !== undefined && cloudProvider !== cluster.cloudProvider) {
    throw badInput("cloudProvider", `must be that of the cluster, ${cluster.cloudProvider}`);
  }
  const own = settingsOf(cluster).region;
  if (region !== undefined && own !== undefined && region !== own) {
    throw badInput("region", `must be that of the cluster, ${own}`);
  }
  return cluster;
}

/** The active clusters that are open to the Workspace, the default one first, and then the oldest. */
async function candidates(db: Context["db"], organizationId: string, workspaceId: string): Promise<Cluster[]> {
  const rows = await db.cluster.findMany({
    where: { status: "ACTIVE", OR: [{ organizationId }, { isDefault: true }] },
    orderBy: [{ isDefault: "desc" }, { createdAt: "asc" }, { id: "asc" }],
  });
  return rows.filter((cluster) => allows(cluster, workspaceId));
}

function chooseCluster(all: readonly Cluster[], { cloudProvider, region }: NewDeploymentRequest): Cluster {
  const atProvider = all.filter((one) => cloudProvider === undefined || one.cloudProvider === cloudProvider);
  const inRegion = atProvider.filter((one) => region === undefined || settingsOf(one).region === region);
  // Of a cluster that nobody described, the region is unknown.
  const [found] = [...inRegion, ...atProvider.filter((one) => settingsOf(one).region === undefined)];
  if (found) return found;
  const regions = [...new Set(atProvider.map((one) => settingsOf(one).region))];
  if (regions.length > 0) throw badInput("region", `must be a region with a cluster: ${regions.join(", ")}`);
  const providers = [...new Set(all.map((one) => one.cloudProvider))];
  if (providers.length > 0)
    throw badInput("cloudProvider", `must be a provider with a cluster: ${providers.join(", ")}`);
  throw badInput("clusterId", "is required: no active cluster is open to the Workspace");
}

const allows = (cluster: Cluster, workspaceId: string) => {
  const { workspaceIds = [] } = settingsOf(cluster);
  return workspaceIds.length === 0 || workspaceIds.includes(workspaceId);
};
