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

/** Distinguishes sign-in tokens from any other token signed with the same key. */
const TYPE = "access";

type JwtConfig = Pick<Config, "jwt">;

/** Signs a user's token for one session. `expiresAt` is when the session expires. */
export function signToken(config: JwtConfig, userId: string, sessionId: string, now: Date, expiresAt: Date) {
  const payload: TokenPayload = {
    id: userId,
    uuid: userId,
    iat: Math.floor(now.getTime() / 1000),
    exp: Math.floor(expiresAt.getTime() / 1000),
  };
  const value = jsonwebtoken.sign({ ...payload, sid: sessionId, typ: TYPE }, verifierOf(config).key, {
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
  verified: LRUCache<string, { exp: number; session: TokenSession }>;
}

const verifiers = new WeakMap<JwtConfig["jwt"], Verifier>();

/** Maximum number of cached tokens, of about 600 characters each. */
const MAX_VERIFIED = 2_000;

/** The user and session of a token; undefined if the token is invalid in any way. */
export function verifyToken(config: JwtConfig, token: string): TokenSession | undefined {
  try {
    const { key, verified } = verifierOf(config);
    const known = verified.get(token);
    if (known && known.exp > Date.now() / 1_000) return known.session;
    const claims = jsonwebtoken.verify(token, key, {
      algorithms: [ALGORITHM],
      issuer: config.jwt.issuer,
      audience: config.jwt.audience,
    }) as Claims;
    if (claims.typ !== TYPE || typeof claims.id !== "string" || typeof claims.sid !== "string") return undefined;
    const session = { userId: claims.id, sessionId: claims.sid };
    verified.set(token, { exp: claims.exp, session });
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
