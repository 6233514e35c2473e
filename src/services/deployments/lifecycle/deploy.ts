import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import type { Override } from "../configuration/configLayers.ts";
import { settingsWith } from "../configuration/effectiveConfig.ts";

/** The tag of an image, or its digest if it has no tag, or "latest", the default of registries. */
export function tagOf(image: string): string {
  const [named = "", digest] = image.split("@");
  const name = named.slice(named.lastIndexOf("/") + 1);
  const colon = name.indexOf(":");
  return colon < 0 ? (digest ?? "latest") : name.slice(colon + 1);
}

/**
 * Whether a Deployment that runs `current` already runs `image`. A client names an image by its tag alone and the registry
 * by tag and digest, in either order: that is one deploy. The same tag with another digest is a new one.
 */
export function isDeployed(current: string | null, image: string): boolean {
  if (current === null) return false;
  const [one, other] = [current.split("@"), image.split("@")];
  return one[0] === other[0] && (one[1] === other[1] || one[1] === undefined || other[1] === undefined);
}

/** The tag for the next deploy after `deployCount` deploys: `deploy-1`, `deploy-2` (`deployments.tagPrefix`). */
export const nextTag = ({ tagPrefix }: Config["deployments"], deployCount: number) => `${tagPrefix}-${deployCount + 1}`;

/** The number of deploys after deploying `image`; never a number whose tag was already used. */
export function deploysAfter({ tagPrefix }: Config["deployments"], deployCount: number, image: string): number {
  const tag = tagOf(image);
  const number = tag.startsWith(`${tagPrefix}-`) ? tag.slice(tagPrefix.length + 1) : "";
  // Longer numbers are dates rather than counts, and would not fit the column.
  return Math.max(deployCount + 1, /^\d{1,7}$/.test(number) ? Number(number) : 0);
}

/** The row that records a deploy. */
export const revisionOf = (image: string, description = ""): Prisma.DeployRevisionCreateWithoutDeploymentInput => ({
  image,
  tag: tagOf(image),
  description,
});

/** `Deployment.deployInfo`. No provisioner reports what is running, so the last deploy is assumed to run. */
export function deployInfo(
  { image, deployCount, overrides }: { image: string | null; deployCount: number; overrides: Override[] },
  { config }: { config: Config },
) {
  const tag = image === null ? null : tagOf(image);
  const next = nextTag(settingsWith(config.deployments, overrides), deployCount);
  return { current: tag, desired: tag, latest: tag, nextCli: next, next };
}
