import type { Config } from "../platform/config/config.ts";
import { hashOf } from "../platform/secrets/tokens.ts";
import { isApiKey } from "./apiKey.ts";
import { verifyToken } from "./jwt.ts";

/** What the caller presented, checked as far as that goes without the database. */
export type Credential =
  | { kind: "none" }
  | { kind: "bad" }
  | { kind: "session"; userId: string; sessionId: string }
  | { kind: "apiKey"; hash: string };

/**
 * Reads an `authorization` value: the bare token, or `Bearer <token>` in any case. Empty or missing is no credential;
 * anything that is neither a good token nor a well-formed API key is a bad one, never "anonymous".
 */
export function credentialOf(config: Pick<Config, "jwt">, authorization: string | undefined): Credential {
  const token = (authorization ?? "").trim().replace(/^bearer(\s+|$)/i, "");
  if (token === "") return { kind: "none" };
  if (isApiKey(token)) return { kind: "apiKey", hash: hashOf(token) };
  const session = verifyToken(config, token);
  return session ? { kind: "session", ...session } : { kind: "bad" };
}
