import type { Services } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { isEqualSecret } from "../../platform/secrets/tokens.ts";
import { receiveAlerts } from "../../services/alerts/receiveAlerts.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { bareToken } from "./edgeCredential.ts";

/** Alertmanager sends all alerts of a group at once, and never again what is refused as too large. In bytes. */
const MAX_BODY = 8 * 1024 * 1024;

/**
 * `POST <endpoint>/alerts`, Alertmanager's webhook. Answers 204 once the alerts are stored, and 5xx if Alertmanager is to send
 * them again. With a secret, for a port that others reach, it must be in `authorization`.
 */
export function addAlerts(server: Server, services: Services, secret: string | undefined): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", { parseAs: "string" }, scope.getDefaultJsonParser("error", "error"));
    scope.post(
      joinPath(services.config.webserver.endpoint, "alerts"),
      {
        bodyLimit: MAX_BODY,
        // Before the body is read.
        onRequest: async ({ headers }) => {
          if (secret === undefined || isEqualSecret(bareToken(headers.authorization ?? ""), bareToken(secret))) return;
          throw new AppError("UNAUTHENTICATED", "authorization: must be the value of alertmanager.authHeader");
        },
      },
      async (request, reply) => {
        await receiveAlerts(services, request.body);
        return reply.code(204).send();
      },
    );
  });
}
