import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, IdOf, Label, optional } from "../../platform/input/input.ts";
import { assertCluster, clusterForNew } from "../clusters/cluster.ts";
import { isReserved } from "../clusters/reservedNamespaces.ts";
import { effectiveConfig } from "../deployments/configuration/effectiveConfig.ts";
import { askCluster } from "../provisioning/clusters/askCluster.ts";
import { findAirflow } from "./found/findAirflows.ts";
import { incompatibilitiesOf } from "./found/incompatibilities.ts";
import { insertAdopted } from "./insertAdopted.ts";

const NAME = "must be the name of a Kubernetes object: at most 63 lower-case letters, digits and hyphens";
const Name = z.string(NAME).regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, NAME);

const Input = z.object({
  workspaceUuid: IdOf,
  clusterId: IdOf,
  crNamespace: Name,
  crName: Name,
  label: optional(Label),
  description: optional(Description),
  useApcLogging: z.boolean().nullish(),
  useApcMetrics: z.boolean().nullish(),
  useApcRegistry: z.boolean().nullish(),
  acceptIncompatibilities: z.boolean().nullish(),
});

/**
 * Adopts an Airflow that runs on a cluster as a Deployment; whoever adopts it becomes its DEPLOYMENT_ADMIN. Houston changes
 * nothing of what runs. Throws BAD_USER_INPUT for names that are invalid in Kubernetes, for namespaces of the cluster or the
 * platform itself, for a cluster that accepts no Deployments of the Workspace, and for an Airflow that is not supported
 * completely unless `acceptIncompatibilities` is true; NOT_FOUND for an unknown cluster, and if there is no such Airflow;
 * CONFLICT for a label or release name that is in use; CLUSTER_UNAVAILABLE if the cluster cannot be asked.
 */
export async function adoptDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { workspaceUuid: workspaceId, clusterId, crNamespace, crName, ...given } = parse(Input, input);
  const reserved = () => badInput("crNamespace", "must not be a namespace of the cluster or of the platform itself");
  if (isReserved(ctx.config, crNamespace)) throw reserved();
  await assertCluster(ctx, clusterId);
  await clusterForNew(ctx, clusterId, workspaceId);
  const airflow = await askCluster(ctx, clusterId, "inspect the Airflow to adopt", (client) =>
    findAirflow(client, { crNamespace, crName }),
  );
  if (!airflow) {
    const what = "neither a HelmRelease nor a Helm release of that name has installed an Airflow in the namespace";
    throw new AppError("NOT_FOUND", `crName: ${what}`, "crName");
  }
  if (isReserved(ctx.config, airflow.namespace)) throw reserved();
  const config = await effectiveConfig(ctx, { clusterId, workspaceId });
  const incompatibilities = incompatibilitiesOf(config, airflow);
  if (incompatibilities.length > 0 && given.acceptIncompatibilities !== true) {
    throw badInput("acceptIncompatibilities", `must be true to adopt it: ${incompatibilities.join("; ")}`);
  }
  const { label = crName, description = "", useApcLogging, useApcMetrics, useApcRegistry } = given;
  return insertAdopted({ ...ctx, config }, airflow, {
    ...{ workspaceId, clusterId, label, description },
    adoption: {
      kind: airflow.kind,
      ...{ crName, crNamespace, incompatibilities },
      useApcLogging: useApcLogging === true,
      useApcMetrics: useApcMetrics === true,
      useApcRegistry: useApcRegistry === true,
    },
  });
}
