import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { existing } from "../../../query/existing.ts";
import { isReserved, platformNamespace } from "../../clusters/reservedNamespaces.ts";

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The prefix of a Deployment's namespace, followed by the release name. */
export const namespacePrefix = (config: Config) => `${platformNamespace(config)}-`;

/**
 * The namespace chosen for a new Deployment; undefined unless `deployments.manualNamespaceNames` is true. Throws
 * BAD_USER_INPUT if it is given while that is false, missing while it is true, not a DNS label, or not one of
 * `deployments.preCreatedNamespaces` while `deployments.namespaceFreeFormEntry` is false.
 */
export function chosenNamespace(config: Config, namespace: string | undefined): string | undefined {
  const { deployments } = config;
  if (!deployments.manualNamespaceNames) {
    if (namespace === undefined) return undefined;
    const setting = settingName(config, "deployments.manualNamespaceNames");
    throw badInput("namespace", `must be omitted: ${setting} is false on this platform`);
  }
  const { preCreatedNamespaces: listed, namespaceFreeFormEntry: anyAllowed } = deployments;
  const allowed = anyAllowed
    ? "a DNS label of at most 63 characters that is not a namespace of the cluster or the platform itself"
    : `one of ${listed.join(", ") || `${settingName(config, "deployments.preCreatedNamespaces")}, which is empty`}`;
  if (namespace === undefined) throw badInput("namespace", `is required on this platform and must be ${allowed}`);
  const isAllowed =
    listed.includes(namespace) || (anyAllowed && label.test(namespace) && !isReserved(config, namespace));
  if (!isAllowed) throw badInput("namespace", `must be ${allowed}`);
  return namespace;
}

/** The default namespace: `<platform namespace>-<releaseName>`, or the platform's with `helm.singleNamespace`. */
export const defaultNamespace = (config: Config, releaseName: string) =>
  config.helm.singleNamespace ? platformNamespace(config) : `${namespacePrefix(config)}${releaseName}`;

/**
 * Throws CONFLICT if a Deployment of the cluster uses the namespace. Concurrent requests for the same namespace are
 * serialized until their transactions end. A unique index is not possible: with `helm.singleNamespace`, all share one.
 */
export async function assertNamespaceFree(
  tx: Prisma.TransactionClient,
  { clusterId, namespace }: { clusterId: string; namespace: string },
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`Deployment.namespace:${namespace}`}, 0))`;
  const other = await tx.deployment.findFirst({
    where: { namespace, clusterId, deletedAt: null },
    select: { id: true },
  });
  if (other) {
    throw new AppError("CONFLICT", "namespace: is already in use by another Deployment", "namespace", {
      existing: existing("Deployment", { id: other.id }),
    });
  }
}
