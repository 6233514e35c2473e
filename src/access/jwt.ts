import { createSecretKey, type KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { LRUCache } from "lru-cache";
import type { Config } from "../platform/config/config.ts";

/** The payload of a user's token, as clients see it. */
export interface TokenPayload {
  /** ID of the user. */
  id: string;
  /** The same ID under its legacy name. */
  uuid: string;
  /** Issued at and expires at, in seconds since 1970. */
  iat: number;
  exp: number;
}

interface Claims extends TokenPayload {
  sid: string;
  typ: string;
}

/** The only algorithm for signing and verifying; the one named in a token's header is ignored. */
const ALGORITHM = "HS256";

/**
 * What a token is for: the API, or only for the doors of Airflow, or only for the pages of a browser. The cookie for
 * Airflow is sent to every Airflow, whose authors can read it there, so it must open nothing else. The one for the pages
 * is not a token for the API, so that whoever reads it must still know the password to get one.
 */
export type TokenType = "access" | "airflow" | "pages";

type JwtConfig = Pick<Config, "jwt">;

/** Signs a user's token for one session. `expiresAt` is when the session expires. */
export function signToken(
  config: JwtConfig,
  userId: string,
  sessionId: string,
  now: Date,
  expiresAt: Date,
  type: TokenType = "access",
) {
  const payload: TokenPayload = {
    id: userId,
    uuid: userId,
    iat: Math.floor(now.getTime() / 1000),
    exp: Math.floor(expiresAt.getTime() / 1000),
  };
  const value = jsonwebtoken.sign({ ...payload, sid: sessionId, typ: type }, verifierOf(config).key, {
    algorithm: ALGORITHM,
    issuer: config.jwt.issuer,
    audience: config.jwt.audience,
  });
  return { value, payload };
}

/** The session that a token belongs to. */
interface TokenSession {
  userId: string;
  sessionId: string;
}

interface Verifier {
  /** A key object: given a string, jsonwebtoken would first try to parse it as a public key, for every token. */
  key: KeyObject;
  /**
   * Sessions by token, for tokens with a valid signature: a client sends the same token all day. `exp`, in seconds since
   * 1970, is checked every time, and the database is queried for whether the session has been revoked.
   */
  verified: LRUCache<string, { exp: number; type: TokenType; session: TokenSession }>;
}

const verifiers = new WeakMap<JwtConfig["jwt"], Verifier>();

/** Maximum number of cached tokens, of about 600 characters each. */
const MAX_VERIFIED = 2_000;

/** How far the clocks of replicas may be apart, in seconds. */
const MAX_SKEW = 60;

/** The user and session of a token of this type; undefined if the token is invalid in any way. */
export function verifyToken(config: JwtConfig, token: string, type: TokenType = "access"): TokenSession | undefined {
  try {
    const { key, verified } = verifierOf(config);
    const known = verified.get(token);
    if (known && known.type === type && known.exp > Date.now() / 1_000) return known.session;
    const claims = jsonwebtoken.verify(token, key, {
      algorithms: [ALGORITHM],
      issuer: config.jwt.issuer,
      audience: config.jwt.audience,
    }) as Claims;
    if (claims.typ !== type || typeof claims.id !== "string" || typeof claims.sid !== "string") return undefined;
    // The library accepts a token without an expiry, and one that was issued in the future.
    if (typeof claims.exp !== "number" || !(claims.iat <= Date.now() / 1_000 + MAX_SKEW)) return undefined;
    const session = { userId: claims.id, sessionId: claims.sid };
    verified.set(token, { exp: claims.exp, type, session });
    return session;
  } catch {
    return undefined;
  }
}

function verifierOf({ jwt }: JwtConfig): Verifier {
  if (!jwt.secret) throw new Error("jwt.secret is not set");
  let verifier = verifiers.get(jwt);
  if (!verifier) {
    verifier = { key: createSecretKey(jwt.secret, "utf8"), verified: new LRUCache({ max: MAX_VERIFIED }) };
    verifiers.set(jwt, verifier);
  }
  return verifier;
}
