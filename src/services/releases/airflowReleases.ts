import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { type AirflowVersion, releasesOf } from "./releases.ts";
import { canRunAirflow } from "./whyNotRunnable.ts";

/** An Airflow version with one of its image tags. */
export type AirflowRelease = Omit<AirflowVersion, "tags"> & { tag: string };

/** The Airflow versions that can run on the platform, earliest first, once for each image tag. */
export const airflowReleases = (config: Config): AirflowRelease[] => listed(config).filter(canRunAirflow(config));

/** All versions of the platform's file. */
function listed({ deployments }: Config): AirflowRelease[] {
  return releasesOf(deployments).airflow.flatMap(({ tags, ...release }) => {
    const named = tags.length > 0 ? tags : [`${release.version}-${deployments.defaultDistribution}-onbuild`];
    return named.map((tag) => ({ ...release, tag }));
  });
}

const name = optional(z.string("must be a string"));
const One = z.object({ where: z.object({ id: name, tag: name }) });

/** The Airflow version with this image tag, or with this version as `id`. Throws NOT_FOUND if there is none. */
export function airflowRelease({ config }: Pick<Context, "config">, input: unknown): AirflowRelease {
  const { id, tag } = parse(One, input).where;
  if ((id === undefined) === (tag === undefined)) throw badInput("where", "must contain either id or tag");
  const found = listed(config).find((release) => release.tag === tag || release.version === id);
  if (found) return found;
  const argument = id === undefined ? "where.tag" : "where.id";
  throw new AppError("NOT_FOUND", `${argument}: not in the platform's file of Airflow versions`, argument);
}
