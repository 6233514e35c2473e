import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { Config } from "../../../platform/config/config.ts";
import { AppError, forbidden } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, Label, optional } from "../../../platform/input/input.ts";
import { platformIsFrom } from "../../releases/platformVersion.ts";
import type { WhichDeployment } from "../changes/lockDeployment.ts";
import { VariablesInput } from "../configuration/environmentVariables.ts";
import { type Changes, changeDeployment, mayOn } from "./changeDeployment.ts";
import { deploymentLabelConflict, imageInputs, newInputs, Type } from "./deploymentInput.ts";
import { insertDeployment } from "./insertDeployment.ts";

const id = optional(z.string("must be an ID"));

const New = z.object({
  ...newInputs,
  ...imageInputs,
  type: optional(Type),
  clusterId: id,
  environmentVariables: VariablesInput.nullish().transform((list) => list ?? undefined),
});

/** The Workspace of a Deployment cannot be changed. */
const Changed = New.omit({ workspaceUuid: true }).extend({
  label: optional(Label),
  description: optional(Description),
});

const Which = z.object({ deploymentUuid: id, workspaceUuid: id });

/** Those of schema.graphql, for a Deployment that its guard did not identify by ID. */
const MAY_CHANGE = ["deployment.config.upsert", "system.deployments.upsert"] as const;
const MAY_SEE = ["deployment.config.get", "workspace.deployments.get", "system.deployments.get"] as const;

/** Each attempt but the first follows another request that created or deleted the Deployment in between. */
const MAX_ATTEMPTS = 3;

/**
 * Updates the Deployment given by `deploymentUuid`, by `releaseName`, or by `workspaceUuid` with `releaseName` or else
 * `label`. With a Workspace that has none, creates it: a repeated call creates nothing. null, "" and {} count as omitted.
 * With an image, it is a deploy like updateDeploymentImage. Throws FEATURE_DISABLED while
 * `deployments.upsertDeploymentEnabled` is false on a platform before 1.0.0, FORBIDDEN for a Deployment that the caller
 * may not update, and the errors of createDeployment and updateDeployment.
 */
export async function upsertDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  assertEnabled(ctx.config);
  const { deploymentUuid, workspaceUuid } = parse(Which, input);
  if (deploymentUuid === undefined && workspaceUuid !== undefined) {
    return insertOrChange(ctx, workspaceUuid, input);
  }
  const { releaseName, ...changes } = parse(Changed, input);
  return change(ctx, { id: deploymentUuid, releaseName }, changes);
}

const change = (ctx: Context, which: WhichDeployment, changes: Changes) =>
  changeDeployment(ctx, which, changes, "upsertDeployment", MAY_CHANGE).catch(deploymentLabelConflict("label"));

/** Looks again if the Deployment was created or deleted in between; the unique indexes decide about concurrent creations. */
async function insertOrChange(ctx: Context, workspaceId: string, input: unknown): Promise<{ id: string }> {
  const { releaseName, label, ...changes } = parse(Changed, input);
  for (let attempt = 1; ; attempt += 1) {
    const found = await findUpdatable(ctx, { workspaceId, releaseName, label });
    try {
      if (!found) return await insertDeployment(ctx, parse(New, input), "upsertDeployment");
      // A label that identified the Deployment is not a new one.
      return await change(ctx, { id: found.id }, releaseName === undefined ? changes : { ...changes, label });
    } catch (thrown) {
      if (attempt === MAX_ATTEMPTS || !isOutdated(thrown, found !== undefined)) throw thrown;
    }
  }
}

/**
 * The Workspace's Deployment with the release name, or else the label. One that the caller cannot see counts as unknown, so
 * the response is that of createDeployment. Throws FORBIDDEN if the caller can see but not update it.
 */
async function findUpdatable(
  ctx: Context,
  {
    workspaceId,
    releaseName,
    label,
  }: { workspaceId: string; releaseName: string | undefined; label: string | undefined },
): Promise<{ id: string } | undefined> {
  const named = releaseName === undefined ? { label: label ?? "" } : { releaseName };
  const select = { id: true, workspaceId: true };
  const found = await ctx.db.deployment.findFirst({ where: { workspaceId, ...named, deletedAt: null }, select });
  if (!found || !mayOn(ctx, found, [...MAY_SEE, ...MAY_CHANGE])) return undefined;
  if (!mayOn(ctx, found, MAY_CHANGE)) throw forbidden();
  return found;
}

/** Whether a Deployment that was found is gone, or one that was not found exists now. */
function isOutdated(thrown: unknown, found: boolean): boolean {
  if (!(thrown instanceof AppError)) return false;
  const { code, argument } = thrown;
  return found
    ? code === "NOT_FOUND" && argument === "deploymentUuid"
    : code === "CONFLICT" && (argument === "label" || argument === "releaseName");
}

/** From platform version 1.0.0 on, clients have no other way to create and update. */
function assertEnabled(config: Config): void {
  if (config.deployments.upsertDeploymentEnabled || platformIsFrom(config, "1.0.0")) return;
  throw new AppError(
    "FEATURE_DISABLED",
    "upsertDeployment: deployments.upsertDeploymentEnabled is false on this platform",
  );
}
