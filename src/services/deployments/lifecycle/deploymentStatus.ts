import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { DeploymentStatusType } from "../../../generated/prisma/enums.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { optional } from "../../../platform/input/input.ts";
import type { Source } from "../../../query/subscriptionField.ts";

const Input = z.object({ releaseName: optional(z.string("needs a text")) });

/** Changes that wait for a slow reader. The oldest go first: where things stand now counts most. */
const MAX_WAITING = 100;

/** The status of a Deployment now, then each change of it. */
export async function deploymentStatus(
  ctx: Context,
  input: unknown,
): Promise<Source<{ status: DeploymentStatusType }>> {
  const { releaseName } = parse(Input, input);
  if (releaseName === undefined) throw badInput("releaseName", "is needed");
  return async function* changes(signal) {
    const waiting: DeploymentStatusType[] = [];
    let wake = () => {};
    const leave = await ctx.statusEvents.follow(releaseName, (status) => {
      waiting.push(status);
      if (waiting.length > MAX_WAITING) waiting.shift();
      wake();
    });
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const status = waiting.shift();
        if (status) yield { status };
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      leave();
    }
  };
}
