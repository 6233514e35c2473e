import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { switchDeployment } from "../changes/switchDeployment.ts";

const Input = z.object({ deploymentId: IdOf, reboot: z.boolean("must be true or false") });

/** Sets whether a Deployment's webserver restarts with the next change. Throws CONFLICT while it is cordoned. */
export async function toggleWebserverReboot(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { deploymentId, reboot } = parse(Input, input);
  return switchDeployment(ctx, deploymentId, { webserverReboot: reboot }, "toggleWebserverReboot");
}
