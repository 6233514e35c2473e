import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Deployment, Role } from "../../generated/prisma/client.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import type { KubernetesClient } from "../../platform/kubernetes/kubernetes.ts";
import { secrets } from "../../platform/kubernetes/resources.ts";
import { askCluster } from "../provisioning/clusters/askCluster.ts";
import { clusterUnavailable } from "../provisioning/clusters/clusterUnavailable.ts";
import { findAirflow } from "./found/findAirflows.ts";
import { assertAdopted } from "./unadoptDeployment.ts";
import { type FabUser, fabUsers } from "./users/fabUsers.ts";
import { UnreadableDatabase } from "./users/metadataConnection.ts";
import { suggestedRoles } from "./users/suggestedRoles.ts";

const Input = z.object({ deploymentId: IdOf });

const WHAT = "read the users of the Airflow";

/** A user of an adopted Airflow. */
interface AdoptedAirflowUser {
  username: string;
  email: string;
  fullName: string;
  active: boolean;
  fabRoles: string[];
  suggestedWorkspaceRole: Role | null;
  suggestedDeploymentRole: Role | null;
  alreadyImported: boolean;
}

/**
 * The users of an adopted Airflow, which are in its metadata database. Throws CONFLICT for a Deployment that was not
 * adopted, CLUSTER_UNAVAILABLE if the cluster or the database cannot be asked.
 */
export async function adoptedAirflowUsers(ctx: Context, input: unknown): Promise<AdoptedAirflowUser[]> {
  const { deploymentId: id } = parse(Input, input);
  const deployment = await ctx.db.deployment.findFirst({ where: { id, deletedAt: null } });
  assertAdopted(deployment, "deploymentId");
  const url = await askCluster(ctx, deployment.clusterId, WHAT, (client) => connectionOf(client, deployment));
  const users = await read(url);
  const imported = await addressesIn(ctx, id);
  return users.map(({ roles, ...user }) => ({
    ...user,
    fabRoles: roles,
    ...suggestedRoles(roles),
    alreadyImported: imported.has(user.email),
  }));
}

/** The connection to the metadata database, from the Secret that the release names today. */
async function connectionOf(client: KubernetesClient, { adoption, ...row }: Deployment): Promise<string> {
  const { crName = row.releaseName, crNamespace = row.namespace } = (adoption ?? {}) as Record<string, string>;
  const airflow = await findAirflow(client, { crName, crNamespace });
  // Another one of that name was not adopted.
  if (airflow?.namespace !== row.namespace || airflow.releaseName !== row.releaseName) {
    throw clusterUnavailable(WHAT, `its release ${row.releaseName} is no longer in namespace ${row.namespace}`);
  }
  const { namespace, metadataSecret: name } = airflow;
  const secret = await client.get({ resource: secrets, namespace, name });
  const connection = Buffer.from(secret?.data?.connection ?? "", "base64").toString("utf8");
  if (connection !== "") return connection;
  throw clusterUnavailable(WHAT, `namespace ${namespace} has no Secret ${name} with the key connection`);
}

async function read(url: string): Promise<FabUser[]> {
  try {
    return await fabUsers(url);
  } catch (error) {
    if (error instanceof UnreadableDatabase) throw clusterUnavailable(WHAT, error.message);
    throw error;
  }
}

/** The addresses of the Deployment's users, as others see them. */
async function addressesIn({ db }: Context, deploymentId: string): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ address: string }[]>`
    SELECT coalesce(b."namedAddress", e.address) AS address FROM "RoleBinding" b
    JOIN "Email" e ON e."userId" = b."userId" AND e.primary WHERE b."deploymentId" = ${deploymentId}`;
  return new Set(rows.map(({ address }) => address));
}
