import type pg from "pg";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CountField } from "../graphql/observe.ts";
import type { Server } from "../http/createServer.ts";
import type { SocketCounts } from "../websocket/addWebsocket.ts";

/** The metrics of one server. */
export interface Metrics {
  registry: Registry;
  /** Counts a root field of a GraphQL operation. */
  count: CountField;
  /** Measures every request of this server, by route and not by path, since callers can invent any number of paths. */
  measure(server: Server): void;
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

function addJobGauge(registry: Registry, pool: pg.Pool) {
  new Gauge({
    name: "houston_jobs",
    help: 'Number of background jobs that are waiting or running ("pending"), or failed after their last attempt ("failed").',
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      const counted = await pool
        .query<{ pending: number; failed: number }>(
          `SELECT count(*) FILTER (WHERE attempts < max_attempts)::int AS pending,
                  count(*) FILTER (WHERE attempts >= max_attempts)::int AS failed FROM graphile_worker.jobs`,
        )
        // Without the database, the other metrics are still useful.
        .catch(() => undefined);
      const row = counted?.rows[0];
      if (!row) return this.reset();
      this.set({ state: "pending" }, row.pending);
      this.set({ state: "failed" }, row.failed);
    },
  });
}
