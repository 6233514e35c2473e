import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { EmailAddress, IdOf } from "../../../platform/input/input.ts";
import { changedColumns } from "../changes/changedColumns.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";

/** Addresses that receive alerts: at most 100, without duplicates. */
export const AlertEmails = z
  .array(EmailAddress, "must be a list of e-mail addresses")
  .max(100, "must be a list of at most 100 e-mail addresses")
  .transform((list) => [...new Set(list)]);

const Input = z.object({ deploymentUuid: IdOf, alertEmails: AlertEmails.nullish() });

/**
 * Replaces the addresses that receive a Deployment's alerts; null removes all. Throws BAD_USER_INPUT for an invalid
 * one.
 */
export async function deploymentAlertsUpdate(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, ...rest } = parse(Input, input);
  const alertEmails = rest.alertEmails ?? [];
  await ctx.db.$transaction(async (tx) => {
    const deployment = await lockDeployment(tx, { id });
    const data = changedColumns(deployment, { alertEmails });
    if (Object.keys(data).length > 0) await tx.deployment.update({ where: { id }, data, select: { id: true } });
    await recordDeploymentChange(ctx, tx, deployment, {
      action: "deploymentAlertsUpdate",
      change: "alertsUpdated",
      detail: { alertEmails },
    });
  });
  return { id };
}
