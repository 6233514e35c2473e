import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { Description, IdOf, Label, optional } from "../../../platform/input/input.ts";
import { changeDeployment } from "./changeDeployment.ts";
import { AlertEmails } from "./deploymentAlertsUpdate.ts";
import { deploymentLabelConflict, inWorkspaceOf, settingInputs } from "./deploymentInput.ts";

const Input = z.object({
  deploymentUuid: IdOf,
  payload: optional(
    z.strictObject(
      {
        label: optional(Label),
        description: z.union([Description, z.null()]).optional(),
        alertEmails: AlertEmails.optional(),
      },
      "must be an object with label, description or alertEmails",
    ),
  ),
  ...settingInputs,
});

/**
 * Changes the given properties of a Deployment; `{}` and "" change nothing. Throws BAD_USER_INPUT for values that the
 * platform does not support, FEATURE_DISABLED for disabled features, CONFLICT for a label that is already in use in the
 * Workspace.
 */
export async function updateDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid: id, payload = {}, ...settings } = parse(Input, input);
  const description = payload.description === null ? "" : payload.description;
  const changes = { ...settings, ...payload, description };
  return changeDeployment(ctx, { id }, changes, "updateDeployment").catch(
    deploymentLabelConflict("payload.label", { label: changes.label, ...inWorkspaceOf({ id }) }),
  );
}
