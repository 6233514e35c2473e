import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The platform's own namespace. */
const platformNamespace = ({ helm }: Config) => helm.releaseNamespace ?? "astronomer";

/** What stands before the release name in a Deployment's namespace. */
export const namespacePrefix = (config: Config) => `${platformNamespace(config)}-`;

/**
 * The namespace that a new Deployment was given; undefined where namespaces are not chosen, and then what was sent counts
 * for nothing. Throws BAD_USER_INPUT when it is missing, no DNS label, or not one of `deployments.preCreatedNamespaces`
 * while `deployments.namespaceFreeFormEntry` is false.
 */
export function chosenNamespace(config: Config, wanted: string | undefined): string | undefined {
  const { deployments } = config;
  if (!deployments.manualNamespaceNames) return undefined;
  const { preCreatedNamespaces: known, namespaceFreeFormEntry: free } = deployments;
  const allowed = free
    ? "a DNS label of at most 63 characters, not one of the cluster's or the platform's own"
    : `one of ${known.join(", ") || "none yet"}`;
  if (wanted === undefined) throw badInput("namespace", `is needed on this platform: ${allowed}`);
  const fits = known.includes(wanted) || (free && label.test(wanted) && !isReserved(config, wanted));
  if (!fits) throw badInput("namespace", `needs ${allowed}`);
  return wanted;
}

/** Whoever runs in these can reach what runs the cluster or the platform. An operator may still list one of them. */
export const isReserved = (config: Config, namespace: string) =>
  namespace === platformNamespace(config) || namespace === "default" || namespace.startsWith("kube-");

/** The namespace of a Deployment nobody chose one for: `<platform namespace>-<releaseName>`, or the platform's own. */
export const usualNamespace = (config: Config, releaseName: string) =>
  config.helm.singleNamespace ? platformNamespace(config) : `${namespacePrefix(config)}${releaseName}`;

/**
 * Throws CONFLICT when a Deployment lives in the namespace of the cluster. Those who want the same one wait for each other until their
 * transactions end; an index cannot do it, because with `helm.singleNamespace` all share one.
 */
export async function assertNamespaceFree(
  tx: Prisma.TransactionClient,
  { clusterId, namespace }: { clusterId: string; namespace: string },
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`Deployment.namespace:${namespace}`}, 0))`;
  const taken = await tx.deployment.findFirst({
    where: { namespace, clusterId, deletedAt: null },
    select: { id: true },
  });
  if (taken) throw new AppError("CONFLICT", "namespace: another Deployment lives in it", "namespace");
}
