import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import type { Source } from "../../query/subscriptionField.ts";
import { deploymentNotFound } from "../deployments/changes/lockDeployment.ts";
import { type MetricQuery, metricQueries, metricTypes } from "./metricQueries.ts";
import { type MetricStore, metricStoreOf } from "./prometheus.ts";

const MONTH = 43_200;
const MAX_POINTS = 1_000;

/** Default number of points of a series, and the shortest default step in seconds, a usual scrape interval. */
const DEFAULT_POINTS = 120;
const MIN_DEFAULT_STEP = 15;

const SINCE = `must be a whole number of minutes from 1 to ${MONTH.toLocaleString("en")}`;
const STEP = "must be a whole number of seconds, at least 1";

const Input = z.object({
  deploymentUuid: IdOf,
  metricType: z.array(z.enum(metricTypes).nullable()).nullish(),
  since: z.int(SINCE).min(1, SINCE).max(MONTH, SINCE).nullish(),
  step: z.int(STEP).min(1, STEP).nullish(),
});

/** One metric with its series. */
interface Measured {
  label: string;
  result: unknown[];
}

/**
 * The current metrics of a Deployment, repeated every `prometheus.pollInterval`. Throws METRICS_NOT_CONFIGURED. The stream
 * throws SERVICE_UNAVAILABLE if Prometheus does not respond.
 */
export async function metrics(ctx: Context, input: unknown): Promise<Source<Measured[]>> {
  const store = metricStoreOf(ctx.config, ctx.log);
  const { deploymentUuid: id, metricType, since, step } = parse(Input, input);
  const range = (since ?? 60) * 60;
  const interval = step ?? Math.max(MIN_DEFAULT_STEP, Math.ceil(range / DEFAULT_POINTS));
  if (range / interval > MAX_POINTS) {
    throw badInput("step", `must be at least ${Math.ceil(range / MAX_POINTS)} seconds for this period`);
  }
  const deployment = await ctx.db.deployment.findFirst({
    where: { id, deletedAt: null },
    select: { releaseName: true, namespace: true },
  });
  if (!deployment) throw deploymentNotFound();
  const requested = new Set(metricType?.filter((type) => type !== null));
  const types = requested.size > 0 ? metricTypes.filter((type) => requested.has(type)) : metricTypes;
  const queries = types.flatMap((type) => metricQueries(type, deployment));
  return async function* measurements(signal) {
    while (!signal.aborted) {
      const end = Math.floor(ctx.now().getTime() / 1_000);
      yield await measure(store, queries, { start: end - range, end, step: interval, signal });
      await sleep(ctx.config.prometheus.pollInterval, undefined, { signal }).catch(() => undefined);
    }
  };
}

/** Runs the queries one after the other, so that many subscribers do not send many concurrent queries each. */
async function measure(
  store: MetricStore,
  queries: readonly MetricQuery[],
  when: Omit<Parameters<MetricStore>[0], "query">,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { label, query } of queries) measured.push({ label, result: await store({ query, ...when }) });
  return measured;
}
