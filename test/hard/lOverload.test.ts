import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { load } from "../../bench/load.ts";
import { cpuSeconds } from "../../bench/machine.ts";
import { mixedTraffic } from "../../bench/mixedLoad.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { loadedHouston } from "../support/loadedHouston.ts";
import { rawHttp } from "../support/rawHttp.ts";
import { shortened } from "../support/shortened.ts";

const SECONDS = shortened(30, 8);
const TIMES = 5;
/** Of more clients than Houston lets in at once. */
const CLIENTS = 1_500;
/** A request answered within so many milliseconds was not held up. */
const QUICK = 100;

const houston = loadedHouston();
const traffic = mixedTraffic("S");

it("L6: of five times what it can bear, it refuses the excess, and answers the rest in time", {
  timeout: 180_000,
}, async () => {
  const { port } = houston.server();
  await load(port, traffic, { connections: 32, seconds: 5 });
  const full = await load(port, traffic, { connections: 32, seconds: 5 });
  const saturation = full.count / full.seconds;

  const probes: Record<string, number[]> = { healthz: [], readyz: [], metrics: [] };
  const retryAfter = new Set<string | null>();
  const opened: number[] = [];
  let over = false;
  const watching = (async () => {
    while (!over) {
      for (const [name, statuses] of Object.entries(probes)) {
        statuses.push((await fetch(`${houston.operationsUrl()}/${name}`)).status);
      }
      const began = performance.now();
      await rawHttp(houston.url(), "POST /v1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      opened.push(performance.now() - began);
      await sleep(200);
    }
  })();
  // Often, because some are let in.
  const trying = (async () => {
    while (!over) {
      const { status, headers } = await fetch(`${houston.url()}/v1`, { method: "POST" });
      if (status === 503) retryAfter.add(headers.get("retry-after"));
      await sleep(50);
    }
  })();
  const [ours, theirs] = [process.cpuUsage(), cpuSeconds(houston.server().pid)];
  const many = { connections: CLIENTS, seconds: SECONDS, rate: TIMES * saturation, mayRefuse: true };
  const result = await load(port, traffic, many);
  const ended = performance.now();
  const used = process.cpuUsage(ours);
  over = true;
  await Promise.all([watching, trying]);

  let quick = 0;
  while (quick < 20 && performance.now() - ended < 30_000) {
    const began = performance.now();
    const { status } = await fetch(`${houston.url()}/v1`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ query: "{ authConfig { publicSignup } }" }),
    });
    quick = status === 200 && performance.now() - began < QUICK ? quick + 1 : 0;
  }
  const recovered = performance.now() - ended;
  const p99 = percentile(result.latencies, 0.99);
  const sent = (result.count + result.refused) / result.seconds;
  figures("L6", {
    "saturation/s": saturation,
    "offered times saturation": sent / saturation,
    "accepted/s": result.count / result.seconds,
    "refused/s": result.refused / result.seconds,
    errors: result.failures,
    "accepted p50 ms": percentile(result.latencies, 0.5),
    "accepted p99 ms": p99,
    "worst new connection ms": Math.max(...opened),
    "recovered after ms": recovered,
    "CPU % of Houston": (100 * (cpuSeconds(houston.server().pid) - theirs)) / result.seconds,
    "CPU % of the clients": (used.user + used.system) / 1e4 / result.seconds,
  });
  expect(result.failure).toBeUndefined();
  expect(result.refused).toBeGreaterThan(0);
  expect(retryAfter).toEqual(new Set(["2"]));
  for (const statuses of Object.values(probes)) expect(new Set(statuses)).toEqual(new Set([200]));
  inTime(p99, 1_000);
  inTime(recovered, 5_000);
});
