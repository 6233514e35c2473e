import type { IncomingHttpHeaders } from "node:http";
import { type Credential, credentialOf } from "../../access/authenticate.ts";
import { verifyToken } from "../../access/jwt.ts";
import type { Config } from "../../platform/config/config.ts";

/** The cookie that opens the doors of Airflow, on all hosts of the platform. */
export const AIRFLOW_COOKIE = "houston_airflow";

/**
 * The caller of a door that others keep: a token or an API key in `authorization`, also as the password of Basic, or the
 * cookie. A header that is there decides alone, so that a program with a bad key does not act as the browser's user.
 */
export function edgeCredential(
  config: Pick<Config, "jwt" | "serviceAccounts">,
  headers: IncomingHttpHeaders,
): Credential {
  const { authorization, cookie } = headers;
  if (authorization !== undefined && authorization.trim() !== "") {
    return credentialOf(config, passwordOf(authorization) ?? authorization);
  }
  const token = cookieOf(cookie ?? "", AIRFLOW_COOKIE);
  if (token === undefined) return { kind: "none" };
  const session = verifyToken(config, token, "airflow");
  return session ? { kind: "session", ...session } : { kind: "bad" };
}

/** The password of Basic, whatever the user name; undefined for another scheme. */
export function passwordOf(authorization: string): string | undefined {
  const encoded = /^basic\s+([\w+/=-]+)\s*$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  return decoded.slice(decoded.indexOf(":") + 1);
}

/** The value of a cookie in the header `cookie`; undefined without it. */
export function cookieOf(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The secret in a header: the chart's programs send it alone, and others after Bearer. */
export const bareToken = (header: string) => header.trim().replace(/^bearer\s+/i, "");
