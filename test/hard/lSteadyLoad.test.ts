import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { load } from "../../bench/load.ts";
import { mixedTraffic, REQUESTS_PER_UNIT } from "../../bench/mixedLoad.ts";
import { slope } from "../../bench/slope.ts";
import { type Sample, watchMemory } from "../../bench/watchMemory.ts";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { heapAfterCollection } from "../support/debugger.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { loadedHouston } from "../support/loadedHouston.ts";
import { eventLoopDelay } from "../support/processMetrics.ts";
import { isShort, shortened } from "../support/shortened.ts";

/** Seconds at half of its own saturation, alone on the machine. */
const HALF = shortened(600, 10);
/** Seconds at a constant load beside the other cases, in requests per second. */
const CONSTANT = shortened(1_200, 40);
const RATE = 40;
/** Minutes after which its memory counts: after that, compiled code and caches no longer grow. */
const WARM_UP = shortened(5, 0.25);
const CONNECTIONS = 32;

const inspectPort = await freePort();
const houston = loadedHouston([`--inspect=127.0.0.1:${inspectPort}`]);

const samples: Sample[] = [];
const done = new AbortController();
let watching: Promise<void>;
beforeAll(() => {
  watching = watchMemory(houston.server().pid, samples, done.signal);
});
afterAll(async () => {
  done.abort();
  await watching;
});

it("L1: at half of the load it can bear, it answers everything, and in time", { timeout: 900_000 }, async () => {
  const traffic = mixedTraffic("S");
  await load(houston.server().port, traffic, { connections: CONNECTIONS, seconds: 8 });
  const full = await load(houston.server().port, traffic, { connections: CONNECTIONS, seconds: 10 });
  const saturation = full.count / full.seconds;
  await sleep(2_000);
  await eventLoopDelay(houston.operationsUrl());
  const half = await load(houston.server().port, traffic, {
    connections: CONNECTIONS,
    seconds: HALF,
    rate: saturation / 2,
  });
  const delay = await eventLoopDelay(houston.operationsUrl());
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => percentile(half.latencies, share)) as [
    number,
    number,
    number,
  ];
  figures("L1", {
    "saturation requests/s": saturation * REQUESTS_PER_UNIT,
    requests: Math.round(half.count * REQUESTS_PER_UNIT),
    errors: half.failures,
    ...{ "p50 ms": p50, "p99 ms": p99, "p99.9 ms": p999, "event loop p99 ms": delay },
  });
  expect([full.failure, half.failure]).toEqual([undefined, undefined]);
  inTime(p99, 50);
  inTime(p999, 200);
  inTime(delay, 30);
});

it("L2: half an hour of load leaves its memory where it was", { timeout: 1_500_000 }, async () => {
  const traffic = mixedTraffic("S");
  const run = (seconds: number) =>
    load(houston.server().port, traffic, { connections: 4, seconds, rate: RATE / REQUESTS_PER_UNIT });
  const since = (samples.at(-1)?.[0] ?? 0) + WARM_UP;
  const warm = await run(WARM_UP * 60);
  const heap = await heapAfterCollection(inspectPort);
  const rest = await run(CONSTANT - WARM_UP * 60);
  const grown = 100 * ((await heapAfterCollection(inspectPort)) / heap - 1);
  const counted = samples.filter(([at]) => at >= since);
  const per10 = 10 * slope(counted);
  const most = Math.max(...samples.map(([, megabytes]) => megabytes));
  figures("L2", {
    "MB per 10 min": per10.toFixed(2),
    "over min": (counted.at(-1)?.[0] ?? 0) - (counted[0]?.[0] ?? 0),
    "heap growth %": grown,
    "heap MB": heap,
    "largest RSS MB": most,
    errors: warm.failures + rest.failures,
  });
  expect([warm.failure, rest.failure]).toEqual([undefined, undefined]);
  expect(most).toBeLessThan(512);
  // A minute does not tell growth from noise.
  if (isShort) return;
  expect(per10).toBeLessThanOrEqual(1);
  expect(grown).toBeLessThanOrEqual(5);
});
