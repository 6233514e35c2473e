import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, IdOf, optional } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";

const Which = z.object({ deploymentUuid: IdOf });
const Cordon = Which.extend({ reason: optional(Description) });

/**
 * Protects a Deployment: every change of it, deleting included, is CONFLICT with `reason` until it is uncordoned. Again it
 * replaces the reason. People's roles and service accounts stay open to change, so that access can be taken away.
 */
export async function cordonDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, reason = "" } = parse(Cordon, input);
  return cordon(ctx, "cordonDeployment", id, { isCordoned: true, cordonReason: reason });
}

/** Opens a Deployment to changes again; one that is open stays so. */
export async function uncordonDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id } = parse(Which, input);
  return cordon(ctx, "uncordonDeployment", id, { isCordoned: false, cordonReason: "" });
}

/** The cluster is told nothing: only the API refuses. */
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
