import { z } from "zod";
import type { Config } from "../../platform/config/config.ts";
import { compareVersions } from "./compareVersions.ts";
import { isDeprecated } from "./deprecated.ts";
import { readReleases } from "./readReleases.ts";
import { byVersion, Release } from "./release.ts";

const PlatformFile = z.object({ available_releases: z.array(Release) });

const cache = new Map<string, readonly Release[]>();

/** The releases in `platformReleasesFile`, earliest first, read once; empty if it is not set. Throws ConfigError. */
export function platformReleases({ platformReleasesFile: path }: Config): readonly Release[] {
  if (path === null) return [];
  const releases =
    cache.get(path) ?? readReleases("platformReleasesFile", path, PlatformFile).available_releases.sort(byVersion);
  cache.set(path, releases);
  return releases;
}

/** The latest platform release in `platformReleasesFile` if it is later than `helm.releaseVersion`, else null. */
export function updateAvailable(config: Config): Release | null {
  const latest = platformReleases(config).findLast((release) => !isDeprecated(release));
  return latest && compareVersions(latest.version, config.helm.releaseVersion) > 0 ? latest : null;
}
