import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { desired } from "./versions.ts";

const Input = z.object({ deploymentUuid: IdOf });

/** Cancels a pending version upgrade. Changes nothing if none is pending, because clients call it anyway. */
export async function cancelRuntimeUpdate(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id } = parse(Input, input);
  return ctx.db.$transaction(async (tx) => {
    const stored = await lockDeployment(tx, { id });
    const { desiredAirflowVersion, desiredRuntimeVersion } = stored;
    const current = desired(stored);
    const pending =
      desiredAirflowVersion !== current.desiredAirflowVersion ||
      desiredRuntimeVersion !== current.desiredRuntimeVersion;
    if (!pending) return { id };
    await tx.deployment.update({ where: { id }, data: current });
    const detail = { cancelled: { desiredAirflowVersion, desiredRuntimeVersion } };
    await recordDeploymentChange(ctx, tx, stored, { action: "cancelRuntimeUpdate", change: "updated", detail });
    return { id };
  });
}
