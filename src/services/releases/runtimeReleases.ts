import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { compareVersions } from "./compareVersions.ts";
import { isDeprecated } from "./deprecated.ts";
import { type RuntimeRelease, releasesOf } from "./releases.ts";

const Input = z.object({ airflowVersion: optional(z.string("must be a version")) });

type Limits = Context["config"]["deployments"];

/** The Runtime versions from `deployments.minAstroRuntimeVersion` on, earliest first; empty if Runtime is disabled. */
export const allowedRuntime = (limits: Limits): RuntimeRelease[] =>
  limits.astroRuntimeEnabled
    ? releasesOf(limits).runtime.filter(({ version }) => compareVersions(version, limits.minAstroRuntimeVersion) >= 0)
    : [];

/**
 * The Runtime versions that Deployments may choose, earliest first, optionally only those that contain `airflowVersion`.
 * Includes deprecated ones only if `deployments.enableListAllRuntimeVersions` is true.
 */
export function runtimeReleases({ config }: Pick<Context, "config">, input: unknown): RuntimeRelease[] {
  const { airflowVersion } = parse(Input, input);
  const { deployments } = config;
  return allowedRuntime(deployments).filter(
    (release) =>
      (deployments.enableListAllRuntimeVersions || !isDeprecated(release)) &&
      (airflowVersion === undefined || release.airflowVersion === airflowVersion),
  );
}
