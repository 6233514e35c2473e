import type pg from "pg";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CountField } from "../graphql/observe.ts";
import type { Server } from "../http/createServer.ts";
import type { SocketCounts } from "../websocket/addWebsocket.ts";
import { inTime } from "./inTime.ts";

/** The metrics of one server. */
export interface Metrics {
  registry: Registry;
  /** Counts a root field of a GraphQL operation. */
  count: CountField;
  /** Measures every request of this server, by route and not by path, since callers can invent any number of paths. */
  measure(server: Server): void;
  /** Counts a request that was refused before a route saw it. */
  countRefusal(method: string, route: string): void;
  /** Reports the number of open WebSockets and of the operations running on them. */
  watchSockets(counts: () => SocketCounts): void;
}

/** Default metrics that are gauges but are named as counters; `promtool check metrics` rejects them. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Metrics of one server: process, HTTP, GraphQL, pool and jobs. */
export function createMetrics(pool: pg.Pool): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const requests = new Histogram({
    name: "houston_http_request_duration_seconds",
    help: "Time from the start of a request to the end of its response, in seconds.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    registers: [registry],
  });
  const fields = new Counter({
    name: "houston_graphql_root_fields_total",
    help: 'Number of resolved root fields, by outcome ("ok" or the error code) and path ("fast" or "apollo"). The field "none" counts operations that did not run.',
    labelNames: ["field", "outcome", "via"],
    registers: [registry],
  });
  addPoolGauges(registry, pool);
  addJobGauge(registry, pool);
  return {
    registry,
    countRefusal: (method, route) => requests.observe({ method, route, status: 503 }, 0),
    watchSockets(counts) {
      new Gauge({
        name: "houston_websockets",
        help: 'Number of open WebSockets ("sockets") and of operations running on them ("operations").',
        labelNames: ["kind"],
        registers: [registry],
        collect() {
          for (const [kind, count] of Object.entries(counts())) this.set({ kind }, count);
        },
      });
    },
    count: (field, outcome, via) => fields.inc({ field, outcome, via }),
    measure(server) {
      server.addHook("onResponse", (request, reply, done) => {
        const route = request.routeOptions.url ?? "none";
        requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
        done();
      });
    },
  };
}

function addPoolGauges(registry: Registry, pool: pg.Pool) {
  const states = { total: "totalCount", idle: "idleCount", waiting: "waitingCount" } as const;
  new Gauge({
    name: "houston_database_pool_connections",
    help: 'Number of pool connections ("total", "idle") and of requests "waiting" for one.',
    labelNames: ["state"],
    registers: [registry],
    collect() {
      for (const [state, key] of Object.entries(states)) this.set({ state }, pool[key]);
    },
  });
}

interface JobCounts {
  pending: number;
  failed: number;
}

/** Milliseconds that Prometheus waits for the database, which must not cost it the other metrics. */
const JOBS_TIMEOUT = 2_000;

function addJobGauge(registry: Registry, pool: pg.Pool) {
  /** Scrapes share it, so that those during an outage do not use up the pool. */
  let counting: Promise<JobCounts | undefined> | undefined;
  const count = async () => {
    const { rows } = await pool.query<JobCounts>(
      `SELECT count(*) FILTER (WHERE attempts < max_attempts)::int AS pending,
              count(*) FILTER (WHERE attempts >= max_attempts)::int AS failed FROM graphile_worker.jobs`,
    );
    return rows[0];
  };
  new Gauge({
    name: "houston_jobs",
    help: 'Number of background jobs that are waiting or running ("pending"), or failed after their last attempt ("failed").',
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      counting ??= count().finally(() => {
        counting = undefined;
      });
      const counted = await inTime(JOBS_TIMEOUT, counting, undefined);
      if (!counted) return this.reset();
      for (const [state, number] of Object.entries(counted)) this.set({ state }, number);
    },
  });
}
