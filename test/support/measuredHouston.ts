import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { configFrom } from "../../src/platform/config/config.ts";
import { connect } from "../../src/platform/database/connect.ts";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { testSecret } from "./app.ts";
import { createBuild } from "./build.ts";
import { createTestDatabase, type TestDatabase } from "./db.ts";

/**
 * Houston in a process of its own on a test database, whose CPU time and memory are measured from outside (Linux). It drops
 * the database at the end, also a given one.
 */
export async function measuredHouston(env: Record<string, string> = {}, given?: TestDatabase) {
  const database = given ?? (await createTestDatabase());
  const folder = await mkdtemp(join(tmpdir(), "houston-measured-"));
  const [port, operationsPort] = [await freePort(), await freePort()];
  let logs = "";
  const child: ChildProcess = spawn(process.execPath, ["src/main.ts"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      DATABASE__DATA_FOLDER: folder,
      JWT__SECRET: testSecret,
      ENCRYPTION__KEYS: JSON.stringify([testSecret]),
      WEBSERVER__HOST: "127.0.0.1",
      WEBSERVER__PORT: `${port}`,
      WEBSERVER__OPERATIONS_PORT: `${operationsPort}`,
      WEBSERVER__DRAIN_DELAY: "0",
      APOLLO__ANONYMOUS_INTROSPECTION: "true",
      ...env,
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (logs += data));
  await ready(`http://127.0.0.1:${operationsPort}/readyz`, child, () => logs);
  const config = configFrom({
    jwt: { secret: testSecret },
    encryption: { keys: [testSecret] },
    database: { url: database.url },
  });
  const log = pino({ level: "silent" });
  const { db, close } = connect(database.url, { ...config.database.pool, max: 2 }, log);
  const pid = child.pid ?? 0;
  const status = async (name: string) => {
    const text = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1024;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    operationsUrl: `http://127.0.0.1:${operationsPort}`,
    database,
    db,
    build: createBuild(db, config),
    logs: () => logs,
    /** Resident memory, in MiB. */
    rss: () => status("VmRSS"),
    /** The most resident memory since the last `forgetPeak`, in MiB. */
    peak: () => status("VmHWM"),
    forgetPeak: () => writeFile(`/proc/${pid}/clear_refs`, "5"),
    /** CPU time used so far by all threads, in milliseconds; it is counted in steps of 10. */
    async cpu() {
      const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async stop() {
      await close();
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type MeasuredHouston = Awaited<ReturnType<typeof measuredHouston>>;

async function ready(url: string, child: ChildProcess, logs: () => string): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`Houston did not start: ${logs()}`);
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
  }
  throw new Error(`Houston was not ready within 60 s: ${logs()}`);
}
