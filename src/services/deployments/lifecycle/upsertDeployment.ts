import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { loadCaller } from "../../../access/loadCaller.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { AppError, forbidden, unauthenticated } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, Label, optional } from "../../../platform/input/input.ts";
import { platformIsFrom } from "../../releases/platformVersion.ts";
import type { WhichDeployment } from "../changes/lockDeployment.ts";
import { VariablesInput } from "../configuration/environmentVariables.ts";
import { type Changes, changeDeployment, isAllowedOn } from "./changeDeployment.ts";
import { deploymentLabelConflict, imageInputs, inWorkspaceOf, newInputs, Type } from "./deploymentInput.ts";
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
 * `label`. With a Workspace that has none, creates it: a repeated call creates nothing. null, "" and {} count as
 * omitted. With an image, it is a deploy like updateDeploymentImage. Throws FEATURE_DISABLED while
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
  changeDeployment(ctx, which, changes, "upsertDeployment", MAY_CHANGE).catch(
    deploymentLabelConflict("label", { label: changes.label, ...inWorkspaceOf(which) }),
  );

/**
 * Looks again if the Deployment was created or deleted in between; the unique indexes decide about concurrent
 * creations.
 */
async function insertOrChange(given: Context, workspaceId: string, input: unknown): Promise<{ id: string }> {
  const { releaseName, label, ...changes } = parse(Changed, input);
  const name = releaseName === undefined ? { label: label ?? "" } : { releaseName };
  for (let attempt = 1; ; attempt += 1) {
    const { ctx, found } = await findUpdatable(given, { workspaceId, ...name, deletedAt: null });
    try {
      if (!found) return await insertDeployment(ctx, parse(New, input), "upsertDeployment");
      // A label that identified the Deployment is not a new one.
      return await change(ctx, found, releaseName === undefined ? changes : { ...changes, label });
    } catch (thrown) {
      if (attempt === MAX_ATTEMPTS || !isOutdated(thrown, found !== undefined)) throw thrown;
    }
  }
}

/**
 * The Deployment that meets `where`. One that the caller cannot see counts as unknown, so the response is that of
 * createDeployment. Throws FORBIDDEN if the caller can see but not update it.
 */
async function findUpdatable(given: Context, where: Prisma.DeploymentWhereInput) {
  const found = await given.db.deployment.findFirst({ where, select: { id: true, workspaceId: true } });
  if (!found) return { ctx: given };
  const ctx = isAllowedOn(given, found, MAY_CHANGE) ? given : await withCurrentRoles(given);
  if (isAllowedOn(ctx, found, MAY_CHANGE)) return { ctx, found: { id: found.id } };
  if (isAllowedOn(ctx, found, MAY_SEE)) throw forbidden(MAY_CHANGE);
  return { ctx };
}

/**
 * A concurrent request of the same caller may have created the Deployment, and so their role on it, after the guard.
 */
async function withCurrentRoles(ctx: Context): Promise<Context> {
  const { caller } = await loadCaller(ctx.pool, ctx.credential, []);
  if (!caller) throw unauthenticated();
  return { ...ctx, caller };
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
