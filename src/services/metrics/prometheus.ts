import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { fetchUpstream } from "../../platform/upstream/fetchUpstream.ts";

/** A range query. */
export interface RangeRequest {
  query: string;
  /** Seconds since 1970. */
  start: number;
  end: number;
  /** Seconds between two points. */
  step: number;
  signal?: AbortSignal | undefined;
}

/** A source of metrics: the series of a query in Prometheus format. */
export type MetricStore = (request: RangeRequest) => Promise<unknown[]>;

const who = "The metrics store";

/** The configured Prometheus. Throws METRICS_NOT_CONFIGURED if there is none; the store throws SERVICE_UNAVAILABLE. */
export function metricStoreOf({ prometheus }: Pick<Config, "prometheus">, log: Logger): MetricStore {
  if (!prometheus.enabled) {
    throw new AppError("METRICS_NOT_CONFIGURED", "No metrics store is configured: prometheus.enabled is false");
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
    const response = (await fetchUpstream(log, { who, url, signal })) as {
      status?: unknown;
      data?: { result?: unknown };
    } | null;
    const result = response?.data?.result;
    if (response?.status !== "success" || !Array.isArray(result)) {
      throw new AppError("SERVICE_UNAVAILABLE", `${who} returned an invalid response`);
    }
    return result;
  };
}
