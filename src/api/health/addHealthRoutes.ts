import type { Server } from "../http/createServer.ts";
import type { Readiness } from "./readiness.ts";

/**
 * `/healthz` (and each path in `alsoAt`) returns 200 while the process runs, even without a database, because a restart
 * would not help. `/readyz` returns 200, or 503 with what is missing.
 */
export function addHealthRoutes(server: Server, readiness: Readiness, alsoAt: readonly string[] = []): void {
  const config = { quiet: true };
  for (const path of new Set(["/healthz", ...alsoAt])) {
    server.get(path, { config }, async (_request, reply) => {
      reply.header("cache-control", "no-store");
      return { status: "ok" };
    });
  }
  server.get("/readyz", { config }, async (_request, reply) => {
    const missing = await readiness.missing();
    reply.header("cache-control", "no-store").code(missing.length === 0 ? 200 : 503);
    return missing.length === 0 ? { status: "ok" } : { status: "unavailable", missing };
  });
}
