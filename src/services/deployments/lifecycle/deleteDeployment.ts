import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { effectiveDeployments } from "../configuration/effectiveConfig.ts";

const Input = z.object({ deploymentUuid: IdOf, deploymentHardDelete: z.boolean().nullish() });

/**
 * Deletes a Deployment with its role bindings and service accounts, which revokes their API keys immediately. Its row and
 * variables are kept unless a hard delete is requested and `deployments.hardDeleteDeployment` is true; newer clients always
 * request it, so a soft delete is done if it is false. The release name is never reused. Throws NOT_FOUND if a concurrent
 * request deleted it first.
 */
export async function deleteDeployment(ctx: Context, input: unknown): Promise<void> {
  const { deploymentUuid: id, deploymentHardDelete } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const deployment = await lockDeployment(tx, { id });
    const { clusterId, workspaceId } = deployment;
    const { hardDeleteDeployment } = await effectiveDeployments(ctx, { clusterId, workspaceId, deploymentId: id }, tx);
    const hard = deploymentHardDelete === true && hardDeleteDeployment;
    if (hard) await tx.deployment.delete({ where: { id } });
    else {
      await tx.roleBinding.deleteMany({ where: { deploymentId: id } });
      await tx.serviceAccount.deleteMany({ where: { deploymentId: id } });
      await tx.deployment.update({ where: { id }, data: { deletedAt: ctx.now() } });
    }
    await recordDeploymentChange(ctx, tx, deployment, {
      action: "deleteDeployment",
      change: hard ? "hardDeleted" : "deleted",
      detail: { label: deployment.label, releaseName: deployment.releaseName, hard },
    });
  });
}
