import type { Context } from "../../../access/context.ts";
import { lockDeployment } from "./lockDeployment.ts";
import { recordDeploymentChange } from "./recordDeploymentChange.ts";

/** Switches of a Deployment that a provisioner reads from its row. */
type Switches = { webserverReboot: boolean } | { kedaEnabled: boolean };

/** Sets a switch for the field `action`. Throws the errors of lockDeployment. */
export async function switchDeployment(
  ctx: Context,
  id: string,
  switches: Switches,
  action: string,
): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    await lockDeployment(tx, { id });
    const deployment = await tx.deployment.update({ where: { id }, data: switches });
    await recordDeploymentChange(ctx, tx, deployment, { action, change: "updated", detail: { ...switches } });
    return { id };
  });
}
