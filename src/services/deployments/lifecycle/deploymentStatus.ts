import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import type { Status } from "../../../platform/events/statusEvents.ts";
import { optional } from "../../../platform/input/input.ts";
import type { Source } from "../../../query/subscriptionField.ts";

const Input = z.object({ releaseName: optional(z.string("must be a string")) });

/** Number of changes buffered for a slow client. The oldest are dropped, because the current status matters most. */
const MAX_BUFFERED = 100;

/** The current status of a Deployment, then each change. */
export async function deploymentStatus(ctx: Context, input: unknown): Promise<Source<Status>> {
  const { releaseName } = parse(Input, input);
  if (releaseName === undefined) throw badInput("releaseName", "is required");
  return async function* changes(signal) {
    const buffer: Status[] = [];
    let wake = () => {};
    const stop = await ctx.statusEvents.follow(releaseName, (status) => {
      buffer.push(status);
      if (buffer.length > MAX_BUFFERED) buffer.shift();
      wake();
    });
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const status = buffer.shift();
        if (status) yield status;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stop();
    }
  };
}
