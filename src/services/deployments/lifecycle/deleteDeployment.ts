import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { Config } from "../../../platform/config/config.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { platformIsFrom } from "../../releases/platformVersion.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { removeDeployment } from "../changes/removeDeployment.ts";
import { effectiveDeployments } from "../configuration/effectiveConfig.ts";

const Input = z.object({ deploymentUuid: IdOf, deploymentHardDelete: z.boolean().nullish() });

/**
 * Deletes a Deployment with its role bindings and service accounts, which revokes their API keys immediately. A soft
 * delete keeps its row and variables, and so its release name; a hard delete removes all and frees the name. A hard
 * delete must be requested and `deployments.hardDeleteDeployment` be true; newer clients always request it, so a soft
 * delete is done if it is false. From platform version 2.0.0 on, every delete is hard. Throws NOT_FOUND if a concurrent
 * request deleted it first.
 */
export async function deleteDeployment(ctx: Context, input: unknown): Promise<void> {
  const { deploymentUuid: id, deploymentHardDelete } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const deployment = await lockDeployment(tx, { id });
    const { clusterId, workspaceId, label, releaseName } = deployment;
    const { hardDeleteDeployment } = await effectiveDeployments(ctx, { clusterId, workspaceId, deploymentId: id }, tx);
    const action = "deleteDeployment";
    if (onlyHardDeletes(ctx.config) || (deploymentHardDelete === true && hardDeleteDeployment)) {
      return removeDeployment(ctx, tx, deployment, action);
    }
    await tx.roleBinding.deleteMany({ where: { deploymentId: id } });
    await tx.serviceAccount.deleteMany({ where: { deploymentId: id } });
    await tx.deployment.update({ where: { id }, data: { deletedAt: ctx.now() } });
    const detail = { label, releaseName, hard: false };
    await recordDeploymentChange(ctx, tx, deployment, { action, change: "deleted", detail });
  });
}

/** True on platforms whose clients know no other delete. */
export const onlyHardDeletes = (config: Pick<Config, "helm">) => platformIsFrom(config, "2.0.0");
