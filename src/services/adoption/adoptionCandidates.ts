import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { ExecutorType } from "../../generated/prisma/enums.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { assertCluster } from "../clusters/cluster.ts";
import { isReserved } from "../clusters/reservedNamespaces.ts";
import { effectiveDeployments } from "../deployments/configuration/effectiveConfig.ts";
import { askCluster } from "../provisioning/clusters/askCluster.ts";
import { findAirflows } from "./found/findAirflows.ts";
import { airflowVersionOf, incompatibilitiesOf, shownExecutor } from "./found/incompatibilities.ts";

const Input = z.object({ clusterId: IdOf });

/** An Airflow on a cluster that can be adopted. */
interface AdoptionCandidate {
  crName: string;
  crNamespace: string;
  runtimeVersion: string | null;
  airflowVersion: string | null;
  executor: ExecutorType;
  incompatibilities: string[];
}

/**
 * The Airflows on a cluster that can be adopted, sorted by namespace and name: those that are installed by Helm or Flux, and
 * that are no Deployments yet. Throws NOT_FOUND for an unknown cluster, CLUSTER_UNAVAILABLE if Houston has no connection to
 * it, or it does not answer.
 */
export async function adoptionCandidates(ctx: Context, input: unknown): Promise<AdoptionCandidate[]> {
  const { clusterId } = parse(Input, input);
  await assertCluster(ctx, clusterId);
  const deployments = await effectiveDeployments(ctx, { clusterId });
  const config = { ...ctx.config, deployments };
  const known = await releasesOn(ctx, clusterId);
  const found = await askCluster(ctx, clusterId, "list the Airflows that run on it", (client) =>
    findAirflows(client, {
      namespaces: config.kubernetes.namespaced ? deployments.preCreatedNamespaces : undefined,
      isExcluded: (namespace, name) => known.has(`${namespace}/${name}`) || isReserved(config, namespace),
    }),
  );
  const candidates = found.map((airflow) => ({
    crName: airflow.crName,
    crNamespace: airflow.crNamespace,
    runtimeVersion: airflow.runtimeVersion ?? null,
    airflowVersion: airflowVersionOf(config, airflow),
    executor: shownExecutor(airflow.executor),
    incompatibilities: incompatibilitiesOf(config, airflow),
  }));
  const keyOf = ({ crNamespace, crName }: AdoptionCandidate) => `${crNamespace}/${crName}`;
  return candidates.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** `namespace/name` of the releases on a cluster that are Deployments, or are left of deleted ones. */
async function releasesOn({ db }: Context, clusterId: string): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ release: string }[]>`
    SELECT namespace || '/' || "releaseName" AS release FROM "Deployment"
    WHERE "clusterId" = ${clusterId} AND "deletedAt" IS NULL
    UNION SELECT namespace || '/' || "releaseName" FROM "Provision" WHERE "clusterId" = ${clusterId}`;
  return new Set(rows.map(({ release }) => release));
}
