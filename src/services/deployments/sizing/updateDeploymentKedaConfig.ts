import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { switchDeployment } from "../changes/switchDeployment.ts";

const Input = z.object({ deploymentUuid: IdOf, state: z.boolean("must be true or false") });

/** Sets whether KEDA scales a Deployment's Celery workers. Throws CONFLICT while it is cordoned. */
export async function updateDeploymentKedaConfig(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentUuid, state } = parse(Input, input);
  return switchDeployment(ctx, deploymentUuid, { kedaEnabled: state }, "updateDeploymentKedaConfig");
}
