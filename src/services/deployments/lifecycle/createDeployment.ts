import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { optional } from "../../../platform/input/input.ts";
import { newInputs, Type } from "./deploymentInput.ts";
import { insertDeployment } from "./insertDeployment.ts";

const Input = z.object({ ...newInputs, type: optional(Type) });

/**
 * Creates a Deployment with a release name of its own for ever. The user who creates it becomes its DEPLOYMENT_ADMIN;
 * behind a service account stands no user, and nobody is bound. What is left out gets the configured default. Throws
 * BAD_USER_INPUT for what the platform does not offer, FEATURE_DISABLED for what it has switched off, CONFLICT for a
 * label taken in the Workspace (the unique index decides) and for a release name that was ever used.
 */
export async function createDeployment(ctx: Context, input: unknown): Promise<{ id: string }> {
  return insertDeployment(ctx, parse(Input, input), "createDeployment");
}
