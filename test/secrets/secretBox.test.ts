import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { countNonces } from "../support/countNonces.ts";

const newKey = () => randomBytes(32).toString("hex");
const box = secretBox([newKey()]);

/** The bytes of an encrypted value: 12 of the nonce, 16 of the tag, and the text. */
const bytesOf = (sealed: string) => Buffer.from(sealed.slice(3), "base64url");
const fromBytes = (bytes: Buffer) => `v1.${bytes.toString("base64url")}`;

describe("an encrypted value", () => {
  it("S2: is refused if any single bit of it was changed", () => {
    const sealed = box.seal("top secret", "row");
    const bytes = bytesOf(sealed);
    expect(box.open(sealed, "row")).toBe("top secret");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => box.open(fromBytes(changed), "row"), `bit ${bit}`).toThrow("No key in encryption.keys opens");
    }
  });

  it("S2: is refused in another row, and under another version", () => {
    const sealed = box.seal("top secret", "row");
    expect(() => box.open(sealed, "other row")).toThrow("the value of other row");
    expect(() => box.open(`v2.${sealed.slice(3)}`, "row")).toThrow("No key");
    expect(() => box.open("", "row")).toThrow("No key");
  });

  // With tags of 4 bytes, one of 2^32 guesses would be accepted.
  it("S2: is refused with a shortened tag", () => {
    const bytes = bytesOf(box.seal("", "row"));
    expect(bytes).toHaveLength(28);
    expect(box.open(fromBytes(bytes), "row")).toBe("");
    for (const length of [4, 8, 12, 13, 14, 15])
      expect(() => box.open(fromBytes(bytes.subarray(0, 12 + length)), "row"), `${length} bytes`).toThrow("No key");
  });

  it("is encrypted again only if it is under another key", () => {
    const [old, next] = [newKey(), newKey()];
    const sealed = secretBox([old]).seal("top secret", "row");
    const again = secretBox([next, old]).reseal(sealed, "row") ?? "";
    expect(secretBox([next]).open(again, "row")).toBe("top secret");
    expect(secretBox([next, old]).reseal(again, "row")).toBeUndefined();
    expect(() => secretBox([next, old]).reseal(sealed, "other row")).toThrow("No key");
  });

  it("S6: has a nonce that 50,000 others do not have", () => {
    expect(countNonces(box, 50_000)).toBe(50_000);
  });
});
