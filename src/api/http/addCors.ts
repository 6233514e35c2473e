import cors from "@fastify/cors";
import type { Config } from "../../platform/config/config.ts";
import type { Server } from "./createServer.ts";

/** Origins whose pages may call us from a browser. */
export type OriginConfig = Pick<Config, "cors" | "helm" | "ui" | "subdomainHttpsEnabled">;

/** Those in `cors.allowedOrigins`, and the platform's own pages at `https://<ui.subdomain>.<helm.baseDomain>`. */
export function originsOf(config: OriginConfig): string[] {
  const scheme = config.subdomainHttpsEnabled ? "https" : "http";
  return [`${scheme}://${config.ui.subdomain}.${config.helm.baseDomain}`, ...config.cors.allowedOrigins];
}

/** Allows pages of `originsOf` to call the API. Other origins get no CORS headers, so browsers block the response. */
export async function addCors(server: Server, config: OriginConfig): Promise<void> {
  await server.register(cors, {
    origin: originsOf(config),
    credentials: true,
    methods: ["GET", "POST"],
    exposedHeaders: ["x-request-id"],
    maxAge: 600,
  });
}
