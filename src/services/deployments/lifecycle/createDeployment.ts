import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { optional } from "../../../platform/input/input.ts";
import { newInputs, Type } from "./deploymentInput.ts";
import { insertDeployment } from "./insertDeployment.ts";

const Input = z.object({ ...newInputs, type: optional(Type) });

/**
 * Creates a Deployment. The user or service account that creates it becomes its DEPLOYMENT_ADMIN. Omitted arguments use
 * the configured defaults. Throws BAD_USER_INPUT for values that the platform does not support, FEATURE_DISABLED for
 * disabled features, CONFLICT for a label that is already in use in the Workspace (the unique index decides) and for a
 * release name that is already in use, also by a soft-deleted Deployment.
 */
export async function createDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  return insertDeployment(ctx, parse(Input, input), "createDeployment");
}
