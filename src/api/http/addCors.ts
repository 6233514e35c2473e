import cors from "@fastify/cors";
import { type AddressSettings, type Config, hostUrl, pagesUrl } from "../../platform/config/config.ts";
import type { Server } from "./createServer.ts";

/** Origins whose pages may call us from a browser. */
export type OriginConfig = Pick<Config, "cors"> & AddressSettings;

/** Those in `cors.allowedOrigins`, and the platform's own pages at `https://<ui.subdomain>.<helm.baseDomain>`. */
export function originsOf(config: OriginConfig): string[] {
  const own = [hostUrl(config, `${config.ui.subdomain}.${config.helm.baseDomain}`), new URL(pagesUrl(config)).origin];
  return [...new Set([...own, ...config.cors.allowedOrigins])];
}

/** Allows pages of `originsOf` to call the API. Other origins get no CORS headers, so browsers block the response. */
export async function addCors(server: Server, config: OriginConfig): Promise<void> {
  await server.register(cors, {
    origin: originsOf(config),
    credentials: true,
    methods: ["GET", "POST", "DELETE"],
    exposedHeaders: ["x-request-id", "retry-after"],
    maxAge: 600,
  });
}
