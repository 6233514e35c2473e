import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { Config } from "../../../platform/config/config.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, optional } from "../../../platform/input/input.ts";
import { platformIsFrom } from "../../releases/platformVersion.ts";
import { changeDeployment } from "./changeDeployment.ts";
import { ImageInput, imageInputs, versionInputs } from "./deploymentInput.ts";

const { airflowVersion, runtimeVersion } = versionInputs;
const Input = z.object({
  releaseName: z.string("must be a release name").min(1, "is required"),
  image: ImageInput,
  dockerconfigjson: imageInputs.dockerconfigjson,
  // Labels of images contain the build too: 2.4.3+astro.1.
  airflowVersion: z.preprocess((label) => (typeof label === "string" ? label.split("+")[0] : label), airflowVersion),
  runtimeVersion,
  deployRevisionDescription: optional(Description),
});
const WithRuntime = Input.omit({ airflowVersion: true });
const Runtime = Input.pick({ runtimeVersion: true });
const Versions = Input.pick({ runtimeVersion: true, airflowVersion: true });

/**
 * Deploys an image: stores it with its credentials (encrypted) and versions, counts the deploy and records a revision
 * unless the Deployment already runs this image. With `runtimeVersion`, ignores `airflowVersion`. Throws BAD_USER_INPUT
 * for versions that are unknown, deprecated or earlier than the current one. Before platform version 1.0.0, throws
 * FEATURE_DISABLED unless `deployments.enableUpdateDeploymentImageEndpoint` or a custom registry is enabled.
 */
export async function updateDeploymentImage(ctx: Context, input: unknown): Promise<{ id: string }> {
  assertEnabled(ctx.config);
  // Clients send both labels of the image; the first one of a Runtime image is in no list (2.5.1+astro.1).
  const hasRuntime = parse(Runtime, input).runtimeVersion !== undefined;
  const { releaseName, ...changes } = parse(hasRuntime ? WithRuntime : Input, input);
  return changeDeployment(ctx, { releaseName }, changes, "updateDeploymentImage");
}

/**
 * What clients send of the labels of an image, and what is read of one that was pushed: the version of Runtime, or that of
 * Airflow. Undefined without such labels.
 */
export function versionsOfLabels(
  labels: Readonly<Record<string, string>>,
): { runtimeVersion: string } | { airflowVersion: string } | undefined {
  const parsed = Versions.safeParse({
    runtimeVersion: labels["io.astronomer.docker.runtime.version"],
    airflowVersion: labels["io.astronomer.docker.airflow.version"],
  });
  const { runtimeVersion: runtime, airflowVersion: airflow } = parsed.data ?? {};
  if (runtime !== undefined) return { runtimeVersion: runtime };
  return airflow === undefined ? undefined : { airflowVersion: airflow };
}

/** Clients that push to a custom registry have no other way; from 1.0.0 on, upsertDeployment allows the same anyway. */
function assertEnabled(config: Config): void {
  const { updateRegistry } = config.registry.protectedCustomRegistry;
  const { enableUpdateDeploymentImageEndpoint: enabled } = config.deployments;
  if (enabled || updateRegistry.enabled || platformIsFrom(config, "1.0.0")) return;
  throw new AppError(
    "FEATURE_DISABLED",
    "updateDeploymentImage: deployments.enableUpdateDeploymentImageEndpoint is false on this platform",
  );
}
