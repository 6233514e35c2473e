import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import type { DeploymentConfig } from "../sizing/configAfter.ts";
import type { StoredSettings } from "./requestedSettings.ts";

/**
 * The column `platformApi` after a change over GraphQL, which names neither sizes nor availability: what no longer fits the
 * new settings is removed or follows them.
 */
export function platformApiAfter(
  stored: Deployment,
  { executor, config }: { executor: Deployment["executor"]; config: Prisma.InputJsonObject },
): Prisma.InputJsonObject {
  const { executor: astro, schedulerSize, ...settings } = stored.platformApi as StoredSettings;
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
