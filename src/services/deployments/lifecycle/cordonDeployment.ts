import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, IdOf, optional } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";

const Which = z.object({ deploymentUuid: IdOf });
const Cordon = Which.extend({ reason: optional(Description) });

/**
 * Cordons a Deployment: every change to it, including deleting it, throws CONFLICT with `reason` until it is uncordoned.
 * Cordoning it again replaces the reason. Roles and service accounts can still be changed, so that access can be revoked.
 */
export async function cordonDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, reason = "" } = parse(Cordon, input);
  return cordon(ctx, "cordonDeployment", id, { isCordoned: true, cordonReason: reason });
}

/** Allows changes to a Deployment again; no effect if it is not cordoned. */
export async function uncordonDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id } = parse(Which, input);
  return cordon(ctx, "uncordonDeployment", id, { isCordoned: false, cordonReason: "" });
}

/** Only affects the API, so the provisioner is not notified. */
async function cordon(
  ctx: Context,
  action: string,
  id: string,
  data: { isCordoned: boolean; cordonReason: string },
): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const { workspaceId } = await lockDeployment(tx, { id }, { evenCordoned: true });
    await tx.deployment.update({ where: { id }, data });
    const detail = data.isCordoned ? { reason: data.cordonReason } : {};
    await recordAudit(ctx, tx, { action, entityType: "Deployment", entityId: id, workspaceId, detail });
    return { id };
  });
}
