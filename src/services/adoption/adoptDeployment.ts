import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, IdOf, Label, optional } from "../../platform/input/input.ts";
import { assertCluster } from "../clusters/cluster.ts";
import { isReserved } from "../clusters/reservedNamespaces.ts";
import { clusterUnavailable } from "./clusterUnavailable.ts";

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
 * Adopts an existing Airflow. Its executor and versions can only be read from the cluster, so valid input always ends in
 * CLUSTER_UNAVAILABLE and nothing is stored. Throws BAD_USER_INPUT for names that are invalid in Kubernetes and for
 * namespaces of the cluster or the platform itself, NOT_FOUND for an unknown cluster.
 */
export async function adoptDeployment(ctx: Context, input: unknown): Promise<never> {
  const { clusterId, crNamespace } = parse(Input, input);
  if (isReserved(ctx.config, crNamespace)) {
    throw badInput("crNamespace", "must not be a namespace of the cluster or of the platform itself");
  }
  await assertCluster(ctx, clusterId);
  throw clusterUnavailable("inspect the Airflow to adopt");
}
