import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { Config } from "../../../platform/config/config.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, Label, optional } from "../../../platform/input/input.ts";
import { platformIsFrom } from "../../releases/platformVersion.ts";
import { VariablesInput } from "../configuration/environmentVariables.ts";
import { changeDeployment } from "./changeDeployment.ts";
import { besides, deploymentLabelConflict, imageInputs, newInputs, Type } from "./deploymentInput.ts";
import { insertDeployment } from "./insertDeployment.ts";

const id = optional(z.string("must be an ID"));

const New = z.object({
  ...newInputs,
  ...imageInputs,
  type: optional(Type),
  clusterId: id,
  environmentVariables: VariablesInput.nullish().transform((list) => list ?? undefined),
});

/** Workspace and namespace of a Deployment cannot be changed. */
const Changed = New.omit({ workspaceUuid: true, namespace: true }).extend({
  label: optional(Label),
  description: optional(Description),
});

const Which = z.object({ deploymentUuid: id, workspaceUuid: id });

/**
 * Creates a Deployment, or updates the one given by `deploymentUuid`, or by `releaseName` without a Workspace; null, ""
 * and {} count as omitted. With an image, it is a deploy like updateDeploymentImage. Throws FEATURE_DISABLED while
 * `deployments.upsertDeploymentEnabled` is false on a platform before 1.0.0, and the errors of createDeployment and
 * updateDeployment.
 */
export async function upsertDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  assertEnabled(ctx.config);
  const { deploymentUuid, workspaceUuid } = parse(Which, input);
  if (deploymentUuid === undefined && workspaceUuid !== undefined) {
    return insertDeployment(ctx, parse(New, input), "upsertDeployment");
  }
  const { releaseName, ...changes } = parse(Changed, input);
  const which = { id: deploymentUuid, releaseName };
  return changeDeployment(ctx, which, changes, "upsertDeployment").catch(
    deploymentLabelConflict("label", { label: changes.label, ...besides(which) }),
  );
}

/** From platform version 1.0.0 on, clients have no other way to create and update. */
function assertEnabled(config: Config): void {
  if (config.deployments.upsertDeploymentEnabled || platformIsFrom(config, "1.0.0")) return;
  throw new AppError(
    "FEATURE_DISABLED",
    "upsertDeployment: deployments.upsertDeploymentEnabled is false on this platform",
  );
}
