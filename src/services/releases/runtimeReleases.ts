import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { compareRuntimeVersions } from "./compareVersions.ts";
import { channelAt } from "./deprecated.ts";
import { releasesOf } from "./releases.ts";
import type { RuntimeRelease } from "./runtimeFile.ts";
import { canRunRuntime } from "./whyNotRunnable.ts";

const Input = z.object({ airflowVersion: optional(z.string("must be a version")) });

type Limits = Context["config"]["deployments"];

/**
 * The Runtime versions from `deployments.minAstroRuntimeVersion` on, earliest first, including yanked ones; empty if
 * Runtime is disabled.
 */
export const allowedRuntime = (limits: Limits): RuntimeRelease[] =>
  limits.astroRuntimeEnabled
    ? releasesOf(limits).runtime.filter(
        ({ version }) => compareRuntimeVersions(version, limits.minAstroRuntimeVersion) >= 0,
      )
    : [];

/**
 * The Runtime versions that Deployments may choose, earliest first, optionally only those that contain
 * `airflowVersion`. Includes deprecated ones, also those past their end of support, only if
 * `deployments.enableListAllRuntimeVersions` is true; never yanked ones, nor those that cannot run on the platform.
 */
export function runtimeReleases({ config, now }: Pick<Context, "config" | "now">, input: unknown): RuntimeRelease[] {
  const { airflowVersion } = parse(Input, input);
  const { deployments } = config;
  const at = now();
  const canRun = canRunRuntime(config);
  return allowedRuntime(deployments).filter(
    (release) =>
      !release.yanked &&
      canRun(release) &&
      (deployments.enableListAllRuntimeVersions || channelAt(release, at) !== "deprecated") &&
      (airflowVersion === undefined || release.airflowVersion === airflowVersion),
  );
}
