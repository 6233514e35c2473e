import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startDatabases } from "./database.ts";
import { load } from "./load.ts";
import { pinOurselves, rssMegabytes } from "./machine.ts";
import { mixedTraffic, REQUESTS_PER_UNIT } from "./mixedLoad.ts";
import { startServer } from "./servers.ts";
import { slope } from "./slope.ts";
import { type Sample, watchMemory } from "./watchMemory.ts";
import { withCleanup } from "./withCleanup.ts";

/** Memory kept from the first minutes (compiled code, prepared statements) is not a leak. */
const WARM_UP_MINUTES = 5;
const SETTLE = 5_000;
const CONNECTIONS = 15;

const usage = "npm run bench:soak -- [--minutes 30 (at least 1)] [--rate 200 (requests a second)] [--tuned]";
const tell = (line: string) => void process.stderr.write(`${line}\n`);

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
    const watching = watchMemory(server.pid, samples, done.signal, ([at, megabytes]) => {
      if (samples.length % 6 === 0) tell(`${at.toFixed(0)} min: ${megabytes.toFixed(0)} MB`);
    });
    const units = { connections: CONNECTIONS, seconds: minutes * 60, rate: rate / REQUESTS_PER_UNIT };
    const result = await load(server.port, mixedTraffic("S"), units);
    done.abort();
    await watching;
    if (result.failures > 0) throw new Error(`${result.failures} bad answers, the first: ${result.failure}`);
    return { idle, startup: server.startup, samples, result };
  });
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
      `${Math.round(result.count * REQUESTS_PER_UNIT)} requests in ${minutes} min, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, all answered well.\n` +
      `Memory ${counted[0]?.[1].toFixed(0)} MB after ${after.toFixed(0)} min, ${counted.at(-1)?.[1].toFixed(0)} MB at the end: ` +
      `${per10.toFixed(2)} MB per 10 min over ${counted.length} samples.\n`,
  );
} catch (error) {
  tell((error as Error).message);
  process.exitCode = 1;
}
