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
  releaseName: z.string("needs a name").min(1, "needs a name"),
  image: ImageInput,
  dockerconfigjson: imageInputs.dockerconfigjson,
  airflowVersion,
  runtimeVersion,
  deployRevisionDescription: optional(Description),
});

/**
 * Deploys an image: stores it with its credentials (sealed) and the versions inside, counts the deploy and keeps a revision
 * of it. Throws BAD_USER_INPUT for versions that do not exist, are earlier than what runs or deprecated, FEATURE_DISABLED
 * where neither `deployments.enableUpdateDeploymentImageEndpoint` nor a registry of the users' own is on before 1.0.0.
 */
export async function updateDeploymentImage(ctx: Context, input: unknown): Promise<{ id: string }> {
  assertEnabled(ctx.config);
  const { releaseName, ...changes } = parse(Input, input);
  return changeDeployment(ctx, { releaseName }, changes, "updateDeploymentImage");
}

/** Clients that push to a registry of their own have no other way; from 1.0.0 on upsertDeployment does the same anyway. */
function assertEnabled(config: Config): void {
  const { updateRegistry } = config.registry.protectedCustomRegistry;
  const { enableUpdateDeploymentImageEndpoint: enabled } = config.deployments;
  if (enabled || updateRegistry.enabled || platformIsFrom(config, "1.0.0")) return;
  throw new AppError(
    "FEATURE_DISABLED",
    "updateDeploymentImage: deployments.enableUpdateDeploymentImageEndpoint is false on this platform",
  );
}
