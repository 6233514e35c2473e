import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { deploymentNotFound } from "../deployments/changes/lockDeployment.ts";
import type { LogFilter } from "./logQuery.ts";

const COMPONENT = "must be a string of at most 63 characters";
const SEARCH = "must be a string of at most 1,000 characters";

const Input = z.object({
  deploymentUuid: IdOf,
  component: optional(z.string(COMPONENT).max(63, COMPONENT)),
  timestamp: optional(z.string("must be an RFC 3339 timestamp")),
  search: optional(z.string(SEARCH).trim().max(1_000, SEARCH)),
});

/** The filter for the arguments of `logs` and `log`. Throws NOT_FOUND if the Deployment no longer exists. */
export async function logFilterOf(ctx: Context, input: unknown): Promise<LogFilter> {
  const { deploymentUuid, component, timestamp, search } = parse(Input, input);
  const deployment = await ctx.db.deployment.findFirst({
    where: { id: deploymentUuid, deletedAt: null },
    select: { releaseName: true },
  });
  if (!deployment) throw deploymentNotFound();
  // Log stores only parse this format, with at most nine fractional digits.
  const from = timestamp?.toUpperCase().replace(/(\.\d{9})\d+/, "$1");
  return { releaseName: deployment.releaseName, component, from, search: search || undefined };
}
