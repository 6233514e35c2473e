import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { rejectBeyond } from "../../../platform/concurrency.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { optional } from "../../../platform/input/input.ts";
import { assertCluster } from "../../clusters/cluster.ts";
import { deploymentNotFound } from "../changes/lockDeployment.ts";
import { effectiveDeployments } from "../configuration/effectiveConfig.ts";
import { type DagDeployment, dagSecretOf } from "./dagDeployment.ts";
import { assertDagFields } from "./dagFields.ts";
import { listGitRefs, type Verdict } from "./listGitRefs.ts";
import { repositoryAddress } from "./repositoryAddress.ts";

const text = optional(z.string("must be a string"));
const REPOSITORY_URL = "must be a URL of at most 4,096 characters";

const Input = z.object({
  clusterId: text,
  repositoryUrl: z.string(REPOSITORY_URL).trim().min(1, "is required").max(4096, REPOSITORY_URL),
  httpsUsername: text,
  httpsToken: text,
  deploymentUuid: text,
  workspaceUuid: text,
});

type Given = z.output<typeof Input>;

/**
 * Limits concurrent validations, because a server that does not respond blocks one for `deployments.gitSync.timeout`.
 */
const limited = rejectBeyond(8);

/** git servers that only check the token still need a user name. */
const DEFAULT_USERNAME = "git";

/**
 * Checks with the git server of an https URL whether user name and token give access to the repository. Without a
 * token, the Deployment's stored one is used, but only for its own server, so that callers cannot send it to their own.
 * Only the audit entry is stored. Throws BAD_USER_INPUT for a URL that is not https and for a missing token, NOT_FOUND
 * for an unknown cluster, FEATURE_DISABLED while `deployments.gitSyncDagDeployment` is false, SERVICE_UNAVAILABLE while
 * too many validations are running.
 */
export async function validateGitSyncCredentials(ctx: Context, input: unknown): Promise<Verdict & { valid: boolean }> {
  const given = parse(Input, input);
  const { url, server } = repositoryAddress(given.repositoryUrl, "repositoryUrl");
  if (!url) throw badInput("repositoryUrl", "must be an https:// URL; SSH credentials cannot be validated");
  const { workspaceId, clusterId, ...credentials } = await credentialsOf(ctx, given, server);
  const cluster = await assertCluster(ctx, given.clusterId);
  const scope = { clusterId: clusterId ?? cluster.id, workspaceId, deploymentId: given.deploymentUuid };
  const { gitSyncDagDeployment: enabled } = await effectiveDeployments(ctx, scope);
  if (!enabled)
    throw new AppError("FEATURE_DISABLED", `${settingName(ctx.config, "deployments.gitSyncDagDeployment")} is false`);
  const verdict = await limited(() => listGitRefs(ctx.config, url, credentials));
  await recordAudit(ctx, ctx.db, {
    action: "validateGitSyncCredentials",
    entityType: given.deploymentUuid ? "Deployment" : "Workspace",
    entityId: given.deploymentUuid ?? workspaceId,
    workspaceId,
    detail: { server, category: verdict.category, stored: given.httpsToken === undefined },
  });
  return { ...verdict, valid: verdict.category === "VALID" };
}

/** The given credentials, completed by those stored for the Deployment. */
async function credentialsOf(ctx: Context, { deploymentUuid: id, ...given }: Given, server: string) {
  const { httpsUsername, httpsToken } = given;
  assertDagFields({ httpsUsername, httpsToken }, "");
  if (id === undefined) {
    if (httpsToken === undefined) throw badInput("httpsToken", "is required without deploymentUuid");
    return { username: httpsUsername ?? DEFAULT_USERNAME, token: httpsToken, workspaceId: given.workspaceUuid ?? "" };
  }
  const stored = await ctx.db.deployment.findFirst({
    where: { id, deletedAt: null },
    select: { releaseName: true, workspaceId: true, clusterId: true, dagDeployment: true },
  });
  if (!stored) throw deploymentNotFound();
  if (given.workspaceUuid !== undefined && given.workspaceUuid !== stored.workspaceId) {
    throw badInput("workspaceUuid", "must be the Workspace of the Deployment");
  }
  const dag = stored.dagDeployment as DagDeployment;
  const { workspaceId, clusterId } = stored;
  const username = httpsUsername ?? dag.httpsUsername ?? DEFAULT_USERNAME;
  if (httpsToken !== undefined) return { username, token: httpsToken, workspaceId, clusterId };
  if (dag.httpsToken === undefined) throw badInput("httpsToken", "is required: the Deployment has no stored token");
  if (repositoryAddress(dag.repositoryUrl ?? "", "repositoryUrl").server !== server) {
    throw badInput("httpsToken", "is required: the stored token is for another server than repositoryUrl");
  }
  const token = ctx.secrets.open(dag.httpsToken, dagSecretOf(stored.releaseName, "httpsToken"));
  return { username, token, workspaceId, clusterId };
}
