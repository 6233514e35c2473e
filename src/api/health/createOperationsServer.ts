import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { createServer, type Server } from "../http/createServer.ts";
import { addHealthRoutes } from "./addHealthRoutes.ts";
import type { Metrics } from "./processMetrics.ts";
import type { Readiness } from "./readiness.ts";

/** The second port, for probes and Prometheus. An ingress must not expose it. */
export async function createOperationsServer(
  config: Config["webserver"],
  parts: { readiness: Readiness; metrics: Metrics; log: Logger },
): Promise<Server> {
  const { readiness, metrics, log } = parts;
  const server = await createServer(config, log, "available paths are /healthz, /readyz and /metrics");
  addHealthRoutes(server, readiness);
  server.get("/metrics", { config: { quiet: true } }, async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  return server;
}
