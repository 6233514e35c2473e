import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/** Encrypts and decrypts values that the database holds. */
export interface SecretBox {
  /** AES-256-GCM under the first key. `boundTo` names the row the value belongs to; it opens nowhere else. */
  seal(clear: string, boundTo: string): string;
  /** The clear text. Throws when no configured key fits, or the value was moved or changed. */
  open(sealed: string, boundTo: string): string;
}

/** The 32 bytes of a key in `encryption.keys`, which is hex (64 digits) or base64 (43 or 44 characters). */
export const keyBytes = (key: string): Buffer => Buffer.from(key, key.length === 64 ? "hex" : "base64");

/** A box over `encryption.keys` (32 bytes each): the first one encrypts, all of them decrypt. */
export function secretBox(keys: readonly string[]): SecretBox {
  const bytes = keys.map(keyBytes);
  if (bytes.length === 0 || bytes.some((key) => key.length !== 32)) {
    throw new Error("encryption.keys: needs at least one key, each 32 bytes in hex or base64 (openssl rand -hex 32)");
  }
  // Made into keys once: each use of plain bytes would do it again.
  const ready = bytes.map((key) => createSecretKey(key));
  const first = ready[0] as KeyObject;
  return {
    seal(clear, boundTo) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", first, nonce).setAAD(Buffer.from(boundTo));
      const text = Buffer.concat([cipher.update(clear, "utf8"), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url")}`;
    },
    open(sealed, boundTo) {
      const raw = Buffer.from(sealed.slice("v1.".length), "base64url");
      for (const key of ready) {
        try {
          const decipher = createDecipheriv("aes-256-gcm", key, raw.subarray(0, 12)).setAAD(Buffer.from(boundTo));
          decipher.setAuthTag(raw.subarray(12, 28));
          return Buffer.concat([decipher.update(raw.subarray(28)), decipher.final()]).toString("utf8");
        } catch {
          // Another key may fit: rotation keeps the old ones.
        }
      }
      throw new Error(`No key in encryption.keys opens the value of ${boundTo}`);
    },
  };
}
