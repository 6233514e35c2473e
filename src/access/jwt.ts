import { createSecretKey, type KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import type { Config } from "../platform/config/config.ts";

/** What a user's token says. */
export interface TokenPayload {
  /** The user's id. */
  id: string;
  /** The same under its old name. */
  uuid: string;
  /** Issued at and expires at, in seconds since 1970. */
  iat: number;
  exp: number;
}

interface Claims extends TokenPayload {
  sid: string;
  typ: string;
}

/** Only this family is ever signed or accepted: the algorithm a token names for itself decides nothing. */
const ALGORITHM = "HS256";

/** Tells our sign-in tokens from any other token signed with the same key. */
const TYPE = "access";

type JwtConfig = Pick<Config, "jwt">;

/** Signs a user's token for one session. `expiresAt` is the session's own end. */
export function signToken(config: JwtConfig, userId: string, sessionId: string, now: Date, expiresAt: Date) {
  const payload: TokenPayload = {
    id: userId,
    uuid: userId,
    iat: Math.floor(now.getTime() / 1000),
    exp: Math.floor(expiresAt.getTime() / 1000),
  };
  const value = jsonwebtoken.sign({ ...payload, sid: sessionId, typ: TYPE }, keyOf(config), {
    algorithm: ALGORITHM,
    issuer: config.jwt.issuer,
    audience: config.jwt.audience,
  });
  return { value, payload };
}

/** The session that a token stands for. */
interface TokenSession {
  userId: string;
  sessionId: string;
}

/**
 * Tokens whose signature was found good, by their text: it stays good, and a client sends the same token all day. When they
 * end (`exp`, in seconds since 1970) is looked at every time, and whether their session still stands the database says.
 */
const verified = new WeakMap<JwtConfig["jwt"], Map<string, { exp: number; session: TokenSession }>>();

/** Tokens remembered at most: about 600 characters each. */
const MAX_VERIFIED = 2_000;

/** Whose token it is and of which session, or undefined when anything about it is wrong. */
export function verifyToken(config: JwtConfig, token: string): TokenSession | undefined {
  let good = verified.get(config.jwt);
  if (!good) {
    good = new Map();
    verified.set(config.jwt, good);
  }
  const known = good.get(token);
  if (known && known.exp > Date.now() / 1_000) return known.session;
  try {
    const claims = jsonwebtoken.verify(token, keyOf(config), {
      algorithms: [ALGORITHM],
      issuer: config.jwt.issuer,
      audience: config.jwt.audience,
    }) as Claims;
    if (claims.typ !== TYPE || typeof claims.id !== "string" || typeof claims.sid !== "string") return undefined;
    const session = { userId: claims.id, sessionId: claims.sid };
    if (good.size >= MAX_VERIFIED) good.clear();
    good.set(token, { exp: claims.exp, session });
    return session;
  } catch {
    return undefined;
  }
}

/** Keys by their text. As text alone, jsonwebtoken would try to read it as a public key first, for every token. */
const keys = new Map<string, KeyObject>();

function keyOf({ jwt: { secret } }: JwtConfig): KeyObject {
  if (!secret) throw new Error("jwt.secret is not set");
  let key = keys.get(secret);
  if (!key) {
    key = createSecretKey(secret, "utf8");
    keys.set(secret, key);
  }
  return key;
}
