import type { SigningKeys } from "../../platform/signing/signingKeys.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";

/** How long verifiers may cache the keys, in seconds; a new key is published a day before it signs. */
const MAX_AGE = 300;

/**
 * `GET <endpoint>/.well-known/jwks.json`: the public keys of tokens for Airflow and the registry. The members of the current
 * key are also at the top level, because old clients read the answer as a single key.
 */
export function addJwks(server: Server, endpoint: string, keys: SigningKeys): void {
  server.get(joinPath(endpoint, ".well-known/jwks.json"), async (_request, reply) => {
    const [published, { kid }] = await Promise.all([keys.published(), keys.current()]);
    const current = published.find((key) => key.kid === kid);
    return reply.header("cache-control", `public, max-age=${MAX_AGE}`).send({ keys: published, ...current });
  });
}
