import { createHash, type KeyObject } from "node:crypto";

/** An RSA public key as a JSON Web Key (RFC 7517), with what clients need to choose it. */
export interface PublicJwk {
  kty: "RSA";
  n: string;
  e: string;
  kid: string;
  use: "sig";
  alg: "RS256";
}

/** The RFC 7638 thumbprint of an RSA key, SHA-256 in base64url: the same key has the same ID everywhere. */
export function thumbprint(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: "jwk" });
  // The RFC fixes the members and their order.
  return createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
}

export function publicJwk(publicKey: KeyObject): PublicJwk {
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  return { kty: "RSA", n, e, kid: thumbprint(publicKey), use: "sig", alg: "RS256" };
}
