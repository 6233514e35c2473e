import type { Config } from "../platform/config/config.ts";
import { hashOf } from "../platform/secrets/tokens.ts";
import { isApiKey } from "./apiKey.ts";
import { verifyToken } from "./jwt.ts";

/** The credential that the caller sent, validated as far as possible without the database. */
export type Credential =
  | { kind: "none" }
  | { kind: "bad" }
  | { kind: "session"; userId: string; sessionId: string }
  | { kind: "apiKey"; hash: string };

/**
 * Parses an `authorization` value: the bare token, or `Bearer <token>` in upper or lower case. An empty or missing value is no
 * credential. Anything that is neither a valid token nor a well-formed API key is a bad credential, never "anonymous"; so is
 * every API key while `serviceAccounts.enabled` is false.
 */
export function credentialOf(
  config: Pick<Config, "jwt" | "serviceAccounts">,
  authorization: string | undefined,
): Credential {
  const token = (authorization ?? "").trim().replace(/^bearer(\s+|$)/i, "");
  if (token === "") return { kind: "none" };
  if (isApiKey(token))
    return config.serviceAccounts.enabled ? { kind: "apiKey", hash: hashOf(token) } : { kind: "bad" };
  const session = verifyToken(config, token);
  return session ? { kind: "session", ...session } : { kind: "bad" };
}
