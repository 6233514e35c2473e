import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { EmailAddress, IdOf } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";

/** Addresses that get alerts: at most 100, each kept once. */
export const AlertEmails = z
  .array(EmailAddress, "needs a list of e-mail addresses")
  .max(100, "needs at most 100 addresses")
  .transform((list) => [...new Set(list)]);

const Input = z.object({ deploymentUuid: IdOf, alertEmails: AlertEmails.nullish() });

/** Replaces the addresses that get a Deployment's alerts; null is none. Throws BAD_USER_INPUT for a malformed one. */
export async function deploymentAlertsUpdate(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, ...given } = parse(Input, input);
  const alertEmails = given.alertEmails ?? [];
  await ctx.db.$transaction(async (tx) => {
    await lockDeployment(tx, { id });
    const deployment = await tx.deployment.update({ where: { id }, data: { alertEmails } });
    await recordDeploymentChange(ctx, tx, deployment, {
      action: "deploymentAlertsUpdate",
      change: "alertsUpdated",
      detail: { alertEmails },
    });
  });
  return { id };
}
