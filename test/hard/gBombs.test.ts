import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { figures, percentile } from "../support/figures.ts";
import { type MeasuredHouston, measuredHouston } from "../support/measuredHouston.ts";
import { endlessBody, rawHttp } from "../support/rawHttp.ts";
import { openAs, protocols } from "../support/sockets.ts";

/** How often each bomb is sent. */
const TIMES = 10;

let houston: MeasuredHouston;
beforeAll(async () => {
  houston = await measuredHouston();
  // Bodies of the largest size have been handled before: what the heap keeps for them is not the bomb's.
  for (let n = 0; n < 40; n += 1) await post(withVariables(JSON.stringify("x".repeat(1_000_000))));
  for (let n = 0; n < 2_000; n += 1) await post(withVariables("1"));
  for (const protocol of [...protocols, ...protocols].flatMap((name) => Array(TIMES).fill(name))) {
    const socket = await openAs(houston.url, protocol);
    socket.socket.send(JSON.stringify({ type: "ping", payload: { a: "x".repeat(250_000) } }));
    await socket.next();
    socket.socket.close();
  }
}, 120_000);
afterAll(() => houston?.stop());

const headers = { "content-type": "application/json" };
const withVariables = (variables: string) =>
  `{"query":"query ($extras: JSON) { authConfig(extras: $extras) { publicSignup } }","variables":{"extras":${variables}}}`;

async function post(body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`${houston.url}/v1`, { method: "POST", headers: { ...headers, ...more }, body });
  await response.arrayBuffer();
  return response.status;
}

/**
 * Runs something several times. Returns how much resident memory that took at its peak, and afterwards, in MiB: the least of
 * up to three rounds, because the heap also grows now and then for the process itself, but a bomb takes its memory each time.
 */
async function memoryOf(run: () => Promise<unknown>): Promise<{ peak: number; kept: number }> {
  let least = { peak: Infinity, kept: Infinity };
  for (let round = 0; round < 3 && Math.max(least.peak, least.kept) > 5; round += 1) {
    const next = await oneRound(run);
    if (Math.max(next.peak, next.kept) < Math.max(least.peak, least.kept)) least = next;
  }
  return least;
}

async function oneRound(run: () => Promise<unknown>): Promise<{ peak: number; kept: number }> {
  await sleep(500);
  const base = await houston.rss();
  await houston.forgetPeak();
  for (let n = 0; n < TIMES; n += 1) await run();
  const peak = (await houston.peak()) - base;
  await sleep(1_000);
  return { peak, kept: (await houston.rss()) - base };
}

describe("variables", () => {
  it.each([
    ["1 MiB of {}", `[${"{},".repeat(340_000)}{}]`],
    ["100,000 nested lists", "[".repeat(100_000) + "]".repeat(100_000)],
    ["1 MiB of nested objects", `${'{"a":'.repeat(170_000)}1${"}".repeat(170_000)}`],
    ["1 MiB of keys of one name", `{${'"a":1,'.repeat(170_000)}"a":1}`],
    ["1 MiB of keys __proto__", `{${'"__proto__":{},'.repeat(60_000)}"a":1}`],
  ])("G16: %s get 400 within 20 MiB, and hold up nobody", { timeout: 120_000 }, async (name, variables) => {
    const body = withVariables(variables);
    const waits: number[] = [];
    let done = false;
    const others = (async () => {
      while (!done) {
        const begun = performance.now();
        await post(withVariables("1"));
        waits.push(performance.now() - begun);
      }
    })();
    const statuses: number[] = [];
    const { peak, kept } = await memoryOf(async () => statuses.push(await post(body)));
    done = true;
    await others;
    const p99 = percentile(waits, 0.99);
    figures(`G16: ${name}`, { "peak MiB": peak, "kept MiB": kept, "others' p99 ms": p99 });
    expect(new Set(statuses)).toEqual(new Set([400]));
    expect(Math.max(peak, kept)).toBeLessThan(20);
  });
});

describe("F6: bytes", () => {
  const cases: [name: string, send: () => Promise<unknown>][] = [
    ["body of 1 MiB and a byte", async () => expect(await post(" ".repeat(1024 * 1024 + 1))).toBe(413)],
    ["endless chunks", async () => expect((await endlessBody(houston.url, "/v1")).text).toContain(" 413 ")],
    ["gzip bomb", async () => expect(await post(bomb, { "content-encoding": "gzip" })).toBe(415)],
    ["header of 17 KiB", async () => expect(await rawHttp(houston.url, longHeader)).toContain(" 431 ")],
    ["pipelined garbage", async () => expect(await rawHttp(houston.url, garbage)).toContain(" 400 ")],
    ["length and chunks", async () => expect(await rawHttp(houston.url, mismatch)).toContain(" 400 ")],
    ...protocols.map((protocol): [string, () => Promise<unknown>] => [
      `frame of 1 MiB (${protocol})`,
      async () => {
        const socket = await openAs(houston.url, protocol);
        socket.socket.send("x".repeat(1024 * 1024));
        expect((await socket.closed).code).toBe(1009);
      },
    ]),
  ];
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(512 * 1024 * 1024, " ")));
  const longHeader = `GET /v1 HTTP/1.1\r\nhost: a\r\nx-long: ${"x".repeat(17 * 1024)}\r\n\r\n`;
  const garbage = `GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n${"\x00\x01garbage\r\n".repeat(10_000)}`;
  const mismatch = "POST /v1 HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";

  it.each(cases)("F6: %s is rejected within 10 MiB", { timeout: 120_000 }, async (name, send) => {
    const { peak, kept } = await memoryOf(send);
    figures(`F6: ${name}`, { "peak MiB": peak, "kept MiB": kept });
    expect(Math.max(peak, kept)).toBeLessThan(10);
  });
});
