import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { rejectBeyond } from "../../../platform/concurrency.ts";
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

const text = optional(z.string("needs a text"));

const Input = z.object({
  clusterId: text,
  repositoryUrl: z
    .string("needs an address")
    .trim()
    .min(1, "needs an address")
    .max(4096, "needs at most 4,096 characters"),
  httpsUsername: text,
  httpsToken: text,
  deploymentUuid: text,
  workspaceUuid: text,
});

type Given = z.output<typeof Input>;

/** A server that does not answer keeps a request waiting for `deployments.gitSync.timeout`. */
const oneOfFew = rejectBeyond(8);

/** git servers that go by the token alone want some name all the same. */
const SOME_NAME = "git";

/**
 * Asks the git server of an https address whether user and token open the repository. Without a token the Deployment's stored
 * one is used, for its own server only: whoever may ask must not learn it from a server of theirs. Nothing is stored but the
 * audit entry. Throws BAD_USER_INPUT for an address that is not https and for a token that is missing, NOT_FOUND for an
 * unknown cluster, FEATURE_DISABLED while `deployments.gitSyncDagDeployment` is false, SERVICE_UNAVAILABLE while as many as a
 * process takes on are being tried.
 */
export async function validateGitSyncCredentials(ctx: Context, input: unknown): Promise<Verdict & { valid: boolean }> {
  const given = parse(Input, input);
  const { url, server } = repositoryAddress(given.repositoryUrl, "repositoryUrl");
  if (!url) throw badInput("repositoryUrl", "needs an https:// address; credentials over SSH cannot be tried here");
  const { workspaceId, clusterId, ...credentials } = await credentialsOf(ctx, given, server);
  const cluster = await assertCluster(ctx, given.clusterId);
  const scope = { clusterId: clusterId ?? cluster.id, workspaceId, deploymentId: given.deploymentUuid };
  const { gitSyncDagDeployment: on } = await effectiveDeployments(ctx, scope);
  if (!on) throw new AppError("FEATURE_DISABLED", "deployments.gitSyncDagDeployment is false here");
  const verdict = await oneOfFew(() => listGitRefs(ctx.config, url, credentials));
  await recordAudit(ctx, ctx.db, {
    action: "validateGitSyncCredentials",
    entityType: given.deploymentUuid ? "Deployment" : "Workspace",
    entityId: given.deploymentUuid ?? workspaceId,
    workspaceId,
    detail: { server, category: verdict.category, stored: given.httpsToken === undefined },
  });
  return { ...verdict, valid: verdict.category === "VALID" };
}

/** What was given, or what the Deployment has stored. */
async function credentialsOf(ctx: Context, { deploymentUuid: id, ...given }: Given, server: string) {
  const { httpsUsername, httpsToken } = given;
  assertDagFields({ httpsUsername, httpsToken }, "");
  if (id === undefined) {
    if (httpsToken === undefined) throw badInput("httpsToken", "is needed without deploymentUuid");
    return { username: httpsUsername ?? SOME_NAME, token: httpsToken, workspaceId: given.workspaceUuid ?? "" };
  }
  const stored = await ctx.db.deployment.findFirst({
    where: { id, deletedAt: null },
    select: { releaseName: true, workspaceId: true, clusterId: true, dagDeployment: true },
  });
  if (!stored) throw deploymentNotFound();
  if (given.workspaceUuid !== undefined && given.workspaceUuid !== stored.workspaceId) {
    throw badInput("workspaceUuid", "is not the Workspace of the Deployment");
  }
  const dag = stored.dagDeployment as DagDeployment;
  const { workspaceId, clusterId } = stored;
  const username = httpsUsername ?? dag.httpsUsername ?? SOME_NAME;
  if (httpsToken !== undefined) return { username, token: httpsToken, workspaceId, clusterId };
  if (dag.httpsToken === undefined) throw badInput("httpsToken", "is needed: the Deployment has none stored");
  if (repositoryAddress(dag.repositoryUrl ?? "", "repositoryUrl").server !== server) {
    throw badInput("httpsToken", "is needed: the stored one is for another server than repositoryUrl");
  }
  const token = ctx.secrets.open(dag.httpsToken, dagSecretOf(stored.releaseName, "httpsToken"));
  return { username, token, workspaceId, clusterId };
}
