import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { compareVersions } from "./compareVersions.ts";
import { isDeprecated } from "./deprecated.ts";
import { type RuntimeRelease, releasesOf } from "./releases.ts";

const Input = z.object({ airflowVersion: optional(z.string("needs a version")) });

type Limits = Context["config"]["deployments"];

/** The runtime versions from `deployments.minAstroRuntimeVersion` on, earliest first; none while they are switched off. */
export const allowedRuntime = (limits: Limits): RuntimeRelease[] =>
  limits.astroRuntimeEnabled
    ? releasesOf(limits).runtime.filter(({ version }) => compareVersions(version, limits.minAstroRuntimeVersion) >= 0)
    : [];

/**
 * The runtime versions that Deployments may move to, earliest first, or those of them with this Airflow version inside.
 * Deprecated ones are among them only with `deployments.enableListAllRuntimeVersions`.
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
