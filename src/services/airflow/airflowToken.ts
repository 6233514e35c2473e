import jsonwebtoken from "jsonwebtoken";
import { LRUCache } from "lru-cache";
import type { SigningKeys } from "../../platform/signing/signingKeys.ts";
import type { AirflowIdentity } from "./airflowRole.ts";

/** Signs tokens with which Airflow recognizes a visitor. */
export interface AirflowTokens {
  sign(identity: AirflowIdentity, audience: string): Promise<string>;
}

/** Maximum number of tokens that are kept to be sent again, of about 1 kB each. */
const MAX_TOKENS = 5_000;

/** The part of its life for which a token is sent again. A page has many assets, and a signature costs a millisecond. */
const REUSED = 1 / 3;

/**
 * Tokens that are valid for `duration` milliseconds, or at least two thirds of it. Each names its audience, so that it is worth
 * nothing in another Deployment's Airflow.
 */
export function createAirflowTokens(
  keys: SigningKeys,
  { issuer, duration, now }: { issuer: string; duration: number; now(): Date },
): AirflowTokens {
  const tokens = new LRUCache<string, { kid: string; at: number; token: string }>({ max: MAX_TOKENS });
  return {
    async sign(identity, audience) {
      const { kid, privateKey } = await keys.current();
      const at = now().getTime();
      const key = JSON.stringify([identity, audience]);
      const known = tokens.get(key);
      if (known && known.kid === kid && at - known.at < duration * REUSED && at >= known.at) return known.token;
      const seconds = Math.floor(at / 1_000);
      const { username, email, fullName, role } = identity;
      const claims = {
        ...{ iss: issuer, aud: audience, sub: username, email, full_name: fullName, roles: [role] },
        ...{ iat: seconds, nbf: seconds, exp: seconds + Math.floor(duration / 1_000) },
      };
      const token = jsonwebtoken.sign(claims, privateKey, { algorithm: "RS256", keyid: kid });
      tokens.set(key, { kid, at, token });
      return token;
    },
  };
}
