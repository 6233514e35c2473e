import { setInterval as every, setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startDatabases } from "./database.ts";
import { type LoadResult, load, type Traffic } from "./load.ts";
import { pinOurselves, rssMegabytes } from "./machine.ts";
import { type OperationName, operations } from "./operations.ts";
import { trafficOf } from "./requests.ts";
import { startServer } from "./servers.ts";
import { slope } from "./slope.ts";
import { withCleanup } from "./withCleanup.ts";

/** Reads, of which there are four for each write. */
const reads: OperationName[] = ["Q1", "Q2", "Q3", "Q4"];

const SAMPLE_EVERY = 10_000;
/** Memory kept from the first minutes (compiled code, prepared statements) is not a leak. */
const WARM_UP_MINUTES = 5;
const SETTLE = 5_000;
/** Connections for each operation. */
const CONNECTIONS = 3;

const usage = "npm run bench:soak -- [--minutes 30 (at least 1)] [--rate 200 (requests a second)] [--tuned]";
const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** Memory in MB after a time in minutes. */
type Sample = readonly [minutes: number, megabytes: number];

/** Loads Houston with 80 % reads and 20 % writes for some minutes and records the memory of its process. */
async function soak(minutes: number, rate: number, tuned: boolean) {
  return withCleanup(async (onEnd) => {
    const databases = await startDatabases(["S"], tell);
    onEnd(databases.stop);
    const server = await startServer("houston", databases.urls.get("S") ?? "", databases.folder, { tuned });
    onEnd(server.stop);
    await sleep(SETTLE);
    const idle = rssMegabytes(server.pid);
    tell(`took connections after ${server.startup.toFixed(1)} s, idle memory ${idle.toFixed(0)} MB`);

    const samples: Sample[] = [];
    const done = new AbortController();
    const watching = watch(server.pid, samples, done.signal);
    const result = await mixedLoad(server.port, minutes * 60, rate);
    done.abort();
    await watching;
    if (result.failures > 0) throw new Error(`${result.failures} bad answers, the first: ${result.failure}`);
    return { idle, startup: server.startup, samples, result };
  });
}

/** Records memory every ten seconds until the signal. */
async function watch(pid: number, samples: Sample[], signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  try {
    for await (const _ of every(SAMPLE_EVERY, undefined, { signal })) {
      const sample: Sample = [(performance.now() - begun) / 60_000, rssMegabytes(pid)];
      samples.push(sample);
      if (samples.length % 6 === 0) tell(`${sample[0].toFixed(0)} min: ${sample[1].toFixed(0)} MB`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** All operations concurrently, one per connection. A write is a pair of requests and counts as two. */
async function mixedLoad(port: number, seconds: number, rate: number): Promise<LoadResult> {
  const shares = [
    ...reads.map((name) => ({ traffic: trafficOf("houston", operations[name], "S"), share: 0.8 / reads.length })),
    { traffic: trafficOf("houston", operations.M1, "S"), share: 0.2 / 2 },
  ];
  const run = (traffic: Traffic, share: number) =>
    load(port, traffic, { connections: CONNECTIONS, seconds, rate: rate * share });
  const results = await Promise.all(shares.map(({ traffic, share }) => run(traffic, share)));
  const failure = results.find((one) => one.failure)?.failure;
  return {
    count: results.reduce((sum, one, n) => sum + one.count * (n === reads.length ? 2 : 1), 0),
    failures: results.reduce((sum, one) => sum + one.failures, 0),
    ...(failure !== undefined && { failure }),
    seconds,
    latencies: results.flatMap((one) => one.latencies).sort((one, other) => one - other),
  };
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    rate: { type: "string", default: "200" },
    tuned: { type: "boolean", default: false },
  },
});
const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
if (!(minutes >= 1 && rate > 0)) {
  tell(usage);
  process.exit(2);
}
pinOurselves();
try {
  const { idle, startup, samples, result } = await soak(minutes, rate, values.tuned);
  const after = Math.min(WARM_UP_MINUTES, minutes / 3);
  const counted = samples.filter(([at]) => at >= after);
  const per10 = slope(counted) * 10;
  const at = (share: number) => result.latencies[Math.floor(result.latencies.length * share)]?.toFixed(1);
  process.stdout.write(
    `Houston, ${values.tuned ? "with the settings of the image" : "as with npm start"}, took connections after ${startup.toFixed(1)} s and used ${idle.toFixed(0)} MB idle.\n` +
      `${result.count} requests in ${minutes} min, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, all answered well.\n` +
      `Memory ${counted[0]?.[1].toFixed(0)} MB after ${after.toFixed(0)} min, ${counted.at(-1)?.[1].toFixed(0)} MB at the end: ` +
      `${per10.toFixed(2)} MB per 10 min over ${counted.length} samples.\n`,
  );
} catch (error) {
  tell((error as Error).message);
  process.exitCode = 1;
}
