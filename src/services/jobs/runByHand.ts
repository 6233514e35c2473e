import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import type { ScheduledJob } from "../../platform/jobs/scheduledJob.ts";

/** The share of `webserver.handlerTimeout` that the work may take; the rest is for the response. */
const SHARE = 0.8;

/**
 * The resolver of a field that does a job's work now, in the request. Returns how many rows it concerned. The audit log
 * first names who started it, so that nothing is removed without a trace.
 */
export const runByHand =
  ({ name, counts, run }: ScheduledJob) =>
  async (_source: unknown, _args: unknown, ctx: Context): Promise<number> => {
    await ctx.db.$transaction((tx) =>
      recordAudit(ctx, tx, { action: name, entityType: "Platform", entityId: "1", detail: { started: true } }),
    );
    const count = await run(ctx, ctx, AbortSignal.timeout(ctx.config.webserver.handlerTimeout * SHARE));
    ctx.log.info({ task: name, count }, counts);
    return count;
  };
