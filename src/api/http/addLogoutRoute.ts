import type { Services } from "../../access/context.ts";
import { recordDenial } from "../../access/recordDenial.ts";
import { logout } from "../../services/users/logout.ts";
import { contextOf } from "./contextOf.ts";
import type { Server } from "./createServer.ts";
import { joinPath } from "./joinPath.ts";

/** `POST <endpoint>/logout` ends the session of the token in its header and returns 204. */
export function addLogoutRoute(server: Server, services: Services): void {
  server.post(joinPath(services.config.webserver.endpoint, "logout"), async (request, reply) => {
    const ctx = contextOf(services, request, "graphql");
    await logout(ctx).catch((error: unknown) => {
      recordDenial(ctx, "logout", error);
      throw error;
    });
    return reply.code(204).header("cache-control", "no-store").send();
  });
}
