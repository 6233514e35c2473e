import { AppError } from "../../platform/errors/appError.ts";
import type { Server } from "../http/createServer.ts";
import type { ScimRoutes } from "./addScim.ts";
import { items, lists, serviceProviderConfig } from "./discovery.ts";
import type { Query } from "./listQuery.ts";

/** `/ServiceProviderConfig`, `/Schemas` and `/ResourceTypes`, from the tables that the other routes work by. */
export function addDiscoveryRoutes(scope: Server, { baseOf, send }: ScimRoutes): void {
  scope.get("/ServiceProviderConfig", async (request, reply) =>
    send(reply, 200, serviceProviderConfig(baseOf(request))),
  );
  for (const name of ["Schemas", "ResourceTypes"] as const) {
    scope.get<{ Querystring: Query }>(`/${name}`, async (request, reply) => {
      // A client that filtered would take all of them for the ones it asked for (RFC 7644, section 4).
      if (request.query.filter !== undefined) throw new AppError("FORBIDDEN", `filter: ${name} cannot be filtered`);
      return send(reply, 200, lists[name](baseOf(request)));
    });
    scope.get<{ Params: { id: string } }>(`/${name}/:id`, async (request, reply) =>
      send(reply, 200, items[name](baseOf(request), request.params.id)),
    );
  }
}
