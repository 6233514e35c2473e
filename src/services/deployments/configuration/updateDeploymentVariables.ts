import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf, optional } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { touchDeployment } from "../changes/touchDeployment.ts";
import { replaceVariables, VariablesInput } from "./environmentVariables.ts";

const Input = z.object({
  deploymentUuid: IdOf,
  releaseName: optional(z.string("must be a release name")),
  environmentVariables: VariablesInput,
});

/**
 * Replaces a Deployment's environment variables; a secret with an empty value keeps the stored one. Throws
 * BAD_USER_INPUT for invalid or duplicate keys, a new secret without a value, and the release name of another
 * Deployment.
 */
export async function updateDeploymentVariables(ctx: Context, input: unknown): Promise<void> {
  const { deploymentUuid: id, releaseName, environmentVariables } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const deployment = await lockDeployment(tx, { id, releaseName });
    const variables = await replaceVariables(ctx, tx, id, environmentVariables);
    if (variables.set.length + variables.removed.length > 0) await touchDeployment(ctx, tx, id);
    await recordDeploymentChange(ctx, tx, deployment, {
      action: "updateDeploymentVariables",
      change: "variablesUpdated",
      detail: { variables: { ...variables } },
    });
  });
}
