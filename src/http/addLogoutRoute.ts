import { logout } from "../auth/logout.ts";
import type { Services } from "../context.ts";
import { contextOf } from "../graphql/addGraphqlRoutes.ts";
import type { Server } from "./createServer.ts";
import { under } from "./under.ts";

/** `POST <endpoint>/logout` ends the session of the token it comes with and answers 204. */
export function addLogoutRoute(server: Server, services: Services): void {
  server.post(under(services.config.webserver.endpoint, "logout"), async (request, reply) => {
    await logout(contextOf(services, request));
    return reply.code(204).header("cache-control", "no-store").send();
  });
}
