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

/** Points of a series when nobody says how many, and the least seconds between two of them: Prometheus looks no more often. */
const USUAL_POINTS = 120;
const SHORTEST_USUAL_STEP = 15;

const Input = z.object({
  deploymentUuid: IdOf,
  metricType: z.array(z.enum(metricTypes).nullable()).nullish(),
  since: z
    .int("needs a whole number of minutes")
    .min(1, "needs 1 minute or more")
    .max(MONTH, `needs at most ${MONTH} minutes`)
    .nullish(),
  step: z.int("needs a whole number of seconds").min(1, "needs 1 second or more").nullish(),
});

/** One metric with its series. */
interface Measured {
  label: string;
  result: unknown[];
}

/**
 * The measurements of a Deployment now, and again every `prometheus.pollInterval`. Throws METRICS_NOT_CONFIGURED. The stream
 * throws SERVICE_UNAVAILABLE when Prometheus does not answer.
 */
export async function metrics(ctx: Context, input: unknown): Promise<Source<Measured[]>> {
  const store = metricStoreOf(ctx.config, ctx.log);
  const { deploymentUuid: id, metricType, since, step } = parse(Input, input);
  const range = (since ?? 60) * 60;
  const interval = step ?? Math.max(SHORTEST_USUAL_STEP, Math.ceil(range / USUAL_POINTS));
  if (range / interval > MAX_POINTS) {
    throw badInput("step", `needs ${Math.ceil(range / MAX_POINTS)} seconds or more for this length of time`);
  }
  const deployment = await ctx.db.deployment.findFirst({
    where: { id, deletedAt: null },
    select: { releaseName: true, namespace: true },
  });
  if (!deployment) throw deploymentNotFound();
  const wanted = new Set(metricType?.filter((type) => type !== null));
  const types = wanted.size > 0 ? metricTypes.filter((type) => wanted.has(type)) : metricTypes;
  const queries = types.flatMap((type) => metricQueries(type, deployment));
  return async function* measurements(signal) {
    while (!signal.aborted) {
      const end = Math.floor(ctx.now().getTime() / 1_000);
      yield await measure(store, queries, { start: end - range, end, step: interval, signal });
      await sleep(ctx.config.prometheus.pollInterval, undefined, { signal }).catch(() => undefined);
    }
  };
}

/** Asks one after the other: many followers must not become many questions at once for each. */
async function measure(
  store: MetricStore,
  queries: readonly MetricQuery[],
  when: Omit<Parameters<MetricStore>[0], "query">,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { label, query } of queries) measured.push({ label, result: await store({ query, ...when }) });
  return measured;
}
