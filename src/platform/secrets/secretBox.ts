import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/** Encrypts and decrypts values that the database holds. */
export interface SecretBox {
  /** AES-256-GCM under the first key. `boundTo` names the row the value belongs to; it opens nowhere else. */
  seal(clear: string, boundTo: string): string;
  /** The clear text. Throws UnreadableSecret when no configured key fits, or the value was moved or changed. */
  open(sealed: string, boundTo: string): string;
  /** The value under the first key; undefined if it already is. Throws as `open` does. */
  reseal(sealed: string, boundTo: string): string | undefined;
}

/** An encrypted value that no configured key opens, or that was moved or changed. */
export class UnreadableSecret extends Error {
  constructor(boundTo: string) {
    super(`No key in encryption.keys opens the value of ${boundTo}`);
    this.name = "UnreadableSecret";
  }
}

/** The 32 bytes of a key in `encryption.keys`, which is hex (64 digits) or base64 (43 or 44 characters). */
export const keyBytes = (key: string): Buffer => Buffer.from(key, key.length === 64 ? "hex" : "base64");

const VERSION = "v1.";
const NONCE_BYTES = 12;
// Without it, Node accepts tags of 4 bytes, which can be guessed.
const TAG = { authTagLength: 16 } as const;
const TEXT_AT = NONCE_BYTES + TAG.authTagLength;

/** A box over `encryption.keys` (32 bytes each): the first one encrypts, all of them decrypt. */
export function secretBox(keys: readonly string[]): SecretBox {
  const bytes = keys.map(keyBytes);
  if (bytes.length === 0 || bytes.some((key) => key.length !== 32)) {
    throw new Error("encryption.keys: needs at least one key, each 32 bytes in hex or base64 (openssl rand -hex 32)");
  }
  // Made into keys once: each use of plain bytes would do it again.
  const ready = bytes.map((key) => createSecretKey(key));
  const first = ready[0] as KeyObject;

  function seal(clear: string, boundTo: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", first, nonce, TAG).setAAD(Buffer.from(boundTo));
    const text = Buffer.concat([cipher.update(clear, "utf8"), cipher.final()]);
    return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url");
  }

  function openWithAny(sealed: string, boundTo: string): { clear: string; key: KeyObject } {
    const raw = Buffer.from(sealed.slice(VERSION.length), "base64url");
    for (const key of sealed.startsWith(VERSION) && raw.length >= TEXT_AT ? ready : []) {
      try {
        const nonce = raw.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv("aes-256-gcm", key, nonce, TAG).setAAD(Buffer.from(boundTo));
        decipher.setAuthTag(raw.subarray(NONCE_BYTES, TEXT_AT));
        const clear = Buffer.concat([decipher.update(raw.subarray(TEXT_AT)), decipher.final()]).toString("utf8");
        return { clear, key };
      } catch {
        // Another key may fit: rotation keeps the old ones.
      }
    }
    throw new UnreadableSecret(boundTo);
  }

  return {
    seal,
    open: (sealed, boundTo) => openWithAny(sealed, boundTo).clear,
    reseal(sealed, boundTo) {
      const { clear, key } = openWithAny(sealed, boundTo);
      return key === first ? undefined : seal(clear, boundTo);
    },
  };
}
