import { anonymous } from "../../access/authorize.ts";
import { createCallerLoader } from "../../access/callerLoader.ts";
import type { Services } from "../../access/context.ts";
import { grantAccess, rowsOf } from "../../services/registry/grantAccess.ts";
import { parseScopes } from "../../services/registry/registryScope.ts";
import { signRegistryToken } from "../../services/registry/signRegistryToken.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { edgeCredential } from "./edgeCredential.ts";

/** The error body that clients of registries read. */
const UNAUTHORIZED = { errors: [{ code: "UNAUTHORIZED", message: "Invalid token or API key" }] };

/**
 * `GET <endpoint>/registry/authorization`: a client of the image registry asks for a token. Its password is a token of
 * Houston's or an API key, its user name does not matter. Answers 401 for a bad one, and otherwise a token for what the
 * caller may do of what they ask for, if only nothing. There is no POST, so that clients of OAuth 2 fall back to this.
 */
export function addRegistryAuthorization(server: Server, services: Services): void {
  const path = joinPath(services.config.webserver.endpoint, "registry/authorization");
  server.get<{ Querystring: { scope?: string | string[] } }>(path, async (request, reply) => {
    reply.header("cache-control", "no-store");
    const { authorization } = request.headers;
    const credential = edgeCredential(services.config, authorization === undefined ? {} : { authorization });
    const wanted = parseScopes(request.query.scope);
    const { caller, scopes } = await createCallerLoader(services.pool, credential)(rowsOf(wanted));
    if (!caller) {
      return reply.code(401).header("www-authenticate", 'Basic realm="houston"').send(UNAUTHORIZED);
    }
    services.lastUsed.touch(credential, caller.id, services.now());
    const access = grantAccess(services, { caller, scopes }, wanted);
    return signRegistryToken(services, caller === anonymous ? "" : `${caller.kind}:${caller.id}`, access);
  });
}
