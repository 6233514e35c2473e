import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { compareVersions } from "../../releases/compareVersions.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { effectiveDeployments } from "../configuration/effectiveConfig.ts";
import { ChartVersion } from "./deploymentInput.ts";

const Input = z.object({ deploymentUuid: IdOf, version: ChartVersion });

/**
 * Moves a Deployment to the platform's Airflow chart (`deployments.chart.version`); one that is there already stays as it
 * is. Throws BAD_USER_INPUT for any other version and for a Deployment with a later chart.
 */
export async function upgradeDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, version: wanted } = parse(Input, input);
  return ctx.db.$transaction(async (tx) => {
    const stored = await lockDeployment(tx, { id });
    const { clusterId, workspaceId } = stored;
    const { chart } = await effectiveDeployments(ctx, { clusterId, workspaceId, deploymentId: id }, tx);
    const { version } = chart;
    if (wanted !== undefined && wanted !== version) {
      throw badInput("version", `${wanted} does not exist here; the platform's chart is ${version}`);
    }
    if (stored.version === version) return { id };
    if (compareVersions(stored.version, version) > 0) {
      throw badInput("version", `the Deployment has the later chart ${stored.version}; versions only go forward`);
    }
    await tx.deployment.update({ where: { id }, data: { version } });
    const detail = { from: stored.version, to: version };
    await recordDeploymentChange(ctx, tx, stored, { action: "upgradeDeployment", change: "updated", detail });
    return { id };
  });
}
