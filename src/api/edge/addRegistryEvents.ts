import { z } from "zod";
import type { Services } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { isEqualSecret } from "../../platform/secrets/tokens.ts";
import { deployPush } from "../../services/registry/deployPush.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { bareToken } from "./edgeCredential.ts";

/** Of registry 2 and 3. */
const TYPES = [
  "application/json",
  "application/vnd.docker.distribution.events.v1+json",
  "application/vnd.docker.distribution.events.v2+json",
];

const Body = z.object({ events: z.array(z.unknown(), "must be a list").max(1_000, "must have at most 1000 elements") });

/**
 * `POST <endpoint>/registry/events`: the image registry reports pushes, which become deploys. Answers 204 once the events are
 * dealt with, and with an error if the registry is to send them again.
 */
export function addRegistryEvents(server: Server, services: Services): void {
  const { webserver, registry } = services.config;
  const { authHeader } = registry;
  if (authHeader === null) return;
  const secret = bareToken(authHeader);
  server.register(async (scope) => {
    const readJson = scope.getDefaultJsonParser("error", "error");
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(TYPES, { parseAs: "string" }, readJson);
    scope.post(
      joinPath(webserver.endpoint, "registry/events"),
      {
        // Before the body is read.
        onRequest: async ({ headers }) => {
          if (isEqualSecret(bareToken(headers.authorization ?? ""), secret)) return;
          throw new AppError("UNAUTHENTICATED", "authorization: must be the value of registry.authHeader");
        },
      },
      async (request, reply) => {
        const { events } = parse(Body, request.body);
        for (const event of events)
          await deployPush(services, event, { requestId: request.id, origin: request.origin });
        return reply.code(204).send();
      },
    );
  });
}
