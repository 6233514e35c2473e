import type { FastifyRequest } from "fastify";
import type { Services } from "../../access/context.ts";
import { recordDenial } from "../../access/recordDenial.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { askToRetry } from "../http/askToRetry.ts";
import { contextOf } from "../http/contextOf.ts";
import type { Server } from "../http/createServer.ts";
import { REST_PREFIX } from "../http/restPrefix.ts";
import { addDocument } from "./document/addDocument.ts";
import { addDocumentPage } from "./document/addDocumentPage.ts";
import { routes } from "./routes.ts";
import { createHandler } from "./routing/createHandler.ts";
import { restError } from "./routing/restError.ts";
import { assertRoutes, type Route } from "./routing/route.ts";
import { readerOf } from "./routing/views.ts";
import { viewsFor } from "./viewsFor.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The operation of the Platform API that the route serves. */
    operation?: Route;
  }
}

/** Serves the Platform API. Throws for a route that does not say who may call it. */
export async function addRestRoutes(
  server: Server,
  services: Services,
  runners: { reads: QueryRunner; writes: QueryRunner } = { reads: services.pool, writes: services.pool },
  table: readonly Route[] = routes,
): Promise<void> {
  assertRoutes(table);
  const reader = readerOf(viewsFor(services.config));
  const { bodyLimit, playground } = services.config.webserver;
  addDocument(server, REST_PREFIX, table);
  if (playground) await addDocumentPage(server, REST_PREFIX);
  await server.register(
    async (scope) => {
      scope.setErrorHandler((error, request, reply) => {
        const { operation: route } = request.routeOptions.config;
        const { body, code, unexpected } = restError(error, { route, requestId: request.id, bodyLimit });
        if (unexpected) request.log.error({ err: error }, "Unexpected error");
        record(request, route, [code]);
        askToRetry(reply, body.statusCode);
        return reply.code(body.statusCode).header("cache-control", "no-store").send(body);
      });
      scope.setNotFoundHandler((request, reply) => {
        const message = `Unknown path or method: ${REST_PREFIX}/openapi.json lists the operations`;
        reply.code(404).header("cache-control", "no-store");
        return reply.send({ message, requestId: request.id, statusCode: 404 });
      });
      for (const route of table) {
        const handle = createHandler(route, { services, reader, ...runners });
        scope.route({
          method: route.method,
          url: route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
          config: { operation: route },
          async handler(request, reply) {
            const { params, query, body } = request;
            const ctx = contextOf(services, request, "rest");
            const text = await handle(ctx, { params, query, body }).catch((error: unknown) => {
              if (route.method !== "GET") recordDenial(ctx, route.operationId, error);
              throw error;
            });
            record(request, route, []);
            reply.header("cache-control", "no-store");
            if (text === undefined) return reply.code(204).send();
            return reply.type("application/json; charset=utf-8").send(text);
          },
        });
      }
    },
    { prefix: REST_PREFIX },
  );
}

function record(request: FastifyRequest, route: Route | undefined, codes: string[]): void {
  request.operation = { via: "rest", fields: [], codes, ...(route && { name: route.operationId }) };
}
