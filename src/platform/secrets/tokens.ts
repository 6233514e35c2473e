import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A random token of 32 bytes for a link in an e-mail. Only its hash is stored. */
export const newToken = () => randomBytes(32).toString("base64url");

/** SHA-256, base64url: how tokens and API keys are stored and looked up. */
export const hashOf = (token: string) => createHash("sha256").update(token).digest("base64url");

/** Compares secrets in a time that says nothing about where they differ. */
export const isEqualSecret = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(one)), Buffer.from(hashOf(other)));
