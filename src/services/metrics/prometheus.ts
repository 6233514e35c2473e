import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { fetchUpstream } from "../../platform/upstream/fetchUpstream.ts";

/** Points of a query between two times. */
export interface RangeRequest {
  query: string;
  /** Seconds since 1970. */
  start: number;
  end: number;
  /** Seconds between two points. */
  step: number;
  signal?: AbortSignal | undefined;
}

/** Where measurements come from: the series of a query, as Prometheus gives them. */
export type MetricStore = (request: RangeRequest) => Promise<unknown[]>;

const who = "The metrics store";

/** The configured Prometheus. Throws METRICS_NOT_CONFIGURED where there is none; the store throws SERVICE_UNAVAILABLE. */
export function metricStoreOf({ prometheus }: Pick<Config, "prometheus">, log: Logger): MetricStore {
  if (!prometheus.enabled) {
    throw new AppError("METRICS_NOT_CONFIGURED", "This platform keeps no metrics: prometheus.enabled is not set");
  }
  const { host, port } = prometheus;
  const base = `http://${host.includes(":") ? `[${host}]` : host}:${port}/api/v1/query_range`;
  return async ({ query, start, end, step, signal }) => {
    const url = new URL(base);
    url.search = new URLSearchParams({
      query,
      start: `${start}`,
      end: `${end}`,
      step: `${step}`,
      timeout: "8s",
    }).toString();
    const answer = (await fetchUpstream(log, { who, url, signal })) as {
      status?: unknown;
      data?: { result?: unknown };
    } | null;
    const result = answer?.data?.result;
    if (answer?.status !== "success" || !Array.isArray(result)) {
      throw new AppError("SERVICE_UNAVAILABLE", `${who} answered something that is no series`);
    }
    return result;
  };
}
