import { describe, expect, it } from "vitest";
import { jsonLines } from "../../src/platform/kubernetes/jsonLines.ts";
import { all } from "./client.ts";

const values = [{ name: "ü€😀" }, { text: "a\\n\nb" }, { deep: { list: [1, null] } }];
const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));

/** The bytes in chunks that end at these places. */
async function* split(whole: Buffer, ends: number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const end of [...ends, whole.length]) {
    yield whole.subarray(from, end);
    from = end;
  }
}

describe("jsonLines", () => {
  it("returns the same values wherever chunks end, even within a character", async () => {
    for (let one = 0; one <= bytes.length; one++) {
      for (let other = one; other <= bytes.length; other += 7) {
        expect(await all(jsonLines(split(bytes, [one, other])))).toEqual(values);
      }
    }
  });

  it("returns the same values from single bytes", async () => {
    const ends = Array.from({ length: bytes.length }, (_, end) => end);
    expect(await all(jsonLines(split(bytes, ends)))).toEqual(values);
  });

  it("skips empty lines, and takes those of Windows", async () => {
    expect(await all(jsonLines(split(Buffer.from("\n{}\r\n\r\n"), [])))).toEqual([{}]);
  });

  it("fails if the bytes end within a line", async () => {
    await expect(all(jsonLines(split(bytes.subarray(0, -3), [])))).rejects.toThrow(
      "ended a watch in the middle of a line",
    );
  });

  it("fails for what is not JSON, without quoting it", async () => {
    await expect(all(jsonLines(split(Buffer.from("secret\n"), [])))).rejects.toThrow(
      /^The Kubernetes API sent something other than JSON$/,
    );
  });

  it("fails for a line of more than 16 MiB", async () => {
    const chunk = Buffer.alloc(1024 * 1024, "a");
    async function* endless() {
      for (;;) yield chunk;
    }
    await expect(all(jsonLines(endless()))).rejects.toThrow("sent a line of more than 16777216 bytes");
  });
});
