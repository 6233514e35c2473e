import cors from "@fastify/cors";
import type { Config } from "../config.ts";
import type { Server } from "./createServer.ts";

/**
 * Lets pages of other origins call us from a browser: those in `cors.allowedOrigins`, and the platform's own pages at
 * `https://<ui.subdomain>.<helm.baseDomain>`. Any other origin gets no CORS headers, so the browser keeps the answer.
 */
export async function addCors(
  server: Server,
  config: Pick<Config, "cors" | "helm" | "ui" | "subdomainHttpsEnabled">,
): Promise<void> {
  const scheme = config.subdomainHttpsEnabled ? "https" : "http";
  const own = `${scheme}://${config.ui.subdomain}.${config.helm.baseDomain}`;
  await server.register(cors, {
    origin: [own, ...config.cors.allowedOrigins],
    credentials: true,
    methods: ["GET", "POST"],
    exposedHeaders: ["x-request-id"],
    maxAge: 600,
  });
}
