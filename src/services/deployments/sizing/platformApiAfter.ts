import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import type { DeploymentConfig } from "./configAfter.ts";

/** The values that depend on what GraphQL can change. */
interface Dependent {
  executor?: "ASTRO";
  schedulerSize?: string;
  isHighAvailability?: boolean;
}

/**
 * The column `platformApi` after a change over GraphQL, which names neither sizes nor availability: what no longer fits the
 * new settings is removed or follows them.
 */
export function platformApiAfter(
  stored: Deployment,
  { executor, config }: { executor: Deployment["executor"]; config: Prisma.InputJsonObject },
): Prisma.InputJsonObject {
  const { executor: astro, schedulerSize, ...settings } = stored.platformApi as Dependent;
  const { scheduler: before } = stored.config as unknown as DeploymentConfig;
  const { scheduler: after } = config as unknown as DeploymentConfig;
  const [old, now] = [before?.resources.limits, after?.resources.limits];
  const isSameSize = old?.cpu === now?.cpu && old?.memory === now?.memory;
  const { isHighAvailability } = settings;
  const isFollowed = isHighAvailability !== undefined && before?.replicas !== after?.replicas;
  return {
    ...settings,
    ...(astro && executor === "CeleryExecutor" && { executor: astro }),
    ...(schedulerSize && isSameSize && { schedulerSize }),
    ...(isFollowed && { isHighAvailability: (after?.replicas ?? 1) >= 2 }),
  } as Prisma.InputJsonObject;
}
