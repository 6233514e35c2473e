import { randomUUID } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import type { Services } from "../../access/context.ts";
import type { RegistryScope } from "./registryScope.ts";

/** The `service` of the registry in the platform's chart. */
const SERVICE = "docker-registry";

/** The answer of the token protocol of the image registry. */
export interface RegistryToken {
  token: string;
  /** The same one, under its name in OAuth 2. */
  access_token: string;
  /** In seconds. */
  expires_in: number;
  /** RFC 3339. */
  issued_at: string;
}

/**
 * A token with which the registry allows `access`. Registries from 2.8 on verify it by the certificate in `x5c`, against the
 * authority that they are configured with, so that the key can change without them.
 */
export async function signRegistryToken(
  { config, signingKeys, now }: Pick<Services, "config" | "signingKeys" | "now">,
  subject: string,
  access: readonly RegistryScope[],
): Promise<RegistryToken> {
  const { kid, privateKey, x5c } = await signingKeys.current();
  const { issuer, service, duration } = config.jwt.registry;
  const at = now();
  const seconds = Math.floor(at.getTime() / 1_000);
  const life = Math.floor(duration / 1_000);
  const claims = {
    // Registry 2 accepts a single audience only.
    ...{ iss: issuer ?? config.jwt.issuer, sub: subject, aud: service ?? SERVICE },
    ...{ iat: seconds, nbf: seconds, exp: seconds + life, jti: randomUUID(), access },
  };
  const header = { alg: "RS256", typ: "JWT", kid, x5c };
  const token = jsonwebtoken.sign(claims, privateKey, { algorithm: "RS256", header });
  return { token, access_token: token, expires_in: life, issued_at: at.toISOString() };
}
