import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { deploymentNotFound } from "../deployments/changes/lockDeployment.ts";
import type { LogFilter } from "./logQuery.ts";

const Input = z.object({
  deploymentUuid: IdOf,
  component: optional(z.string("needs a text").max(63, "needs at most 63 characters")),
  timestamp: optional(z.string("needs a time")),
  search: optional(z.string("needs a text").trim().max(1_000, "needs at most 1,000 characters")),
});

/** The lines that the arguments of `logs` and `log` ask for. Throws NOT_FOUND when the Deployment has gone. */
export async function logFilterOf(ctx: Context, input: unknown): Promise<LogFilter> {
  const { deploymentUuid, component, timestamp, search } = parse(Input, input);
  const deployment = await ctx.db.deployment.findFirst({
    where: { id: deploymentUuid, deletedAt: null },
    select: { releaseName: true },
  });
  if (!deployment) throw deploymentNotFound();
  // Stores read times in this form only, to the nanosecond.
  const from = timestamp?.toUpperCase().replace(/(\.\d{9})\d+/, "$1");
  return { releaseName: deployment.releaseName, component, from, search: search || undefined };
}
