import type { SecretBox } from "../../src/platform/secrets/secretBox.ts";

/** Encrypts one text so often, and returns how many different nonces were used. */
export function countNonces(box: SecretBox, times: number): number {
  const nonces = new Set<string>();
  // 12 bytes are 16 characters of base64url.
  for (let n = 0; n < times; n += 1) nonces.add(box.seal("", "row").slice(3, 19));
  return nonces.size;
}
