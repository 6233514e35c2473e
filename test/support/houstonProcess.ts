import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { portToKeep } from "./portToKeep.ts";

/** A Houston in a process of its own, started as `npm start` does. */
export interface HoustonProcess {
  /** Addresses of the API and of the operations port; the same after a restart. */
  url: string;
  operationsUrl: string;
  /** What it has written to standard output and standard error since the first start. */
  logs(): string;
  /** Only standard output, where the log goes. */
  log(): string;
  /** The ID of the running process. */
  pid(): number;
  /** Starts it; resolves once `/readyz` returns 200, with the milliseconds that took. Throws if it exits. */
  start(limit?: number): Promise<number>;
  /** Starts it, and returns its exit code and what it wrote to standard error. */
  fail(env?: Record<string, string>): Promise<{ code: number; output: string }>;
  /** Sends a signal, and returns the exit code once it has exited; null if the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** The status of `/readyz`; undefined if it does not respond. */
  ready(): Promise<number | undefined>;
}

/** A folder for data that is removed by `remove`. */
export async function dataFolder() {
  const path = await mkdtemp(join(tmpdir(), "houston-process-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The ID of the embedded PostgreSQL's main process on a data folder. */
export async function embeddedPid(folder: string): Promise<number> {
  return Number((await readFile(join(folder, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]);
}

/** The URL of the embedded database on a data folder, for a test that looks into it. */
export async function embeddedUrl(folder: string): Promise<string> {
  const password = (await readFile(join(folder, "postgres.password"), "utf8")).trim();
  const port = (await readFile(join(folder, "postgres", "postmaster.pid"), "utf8")).split("\n")[3];
  return `postgresql://houston:${password}@127.0.0.1:${port}/houston`;
}

/** `env` replaces the environment, except PATH and the ports on loopback; `flags` are Node's. */
export async function houstonProcess(
  env: Record<string, string>,
  flags: readonly string[] = [],
): Promise<HoustonProcess> {
  const [port, operationsPort] = [await portToKeep(), await portToKeep()];
  const [url, operationsUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${operationsPort}`];
  let child: ChildProcess | undefined;
  let logs = "";
  let log = "";
  const run = (more: Record<string, string> = {}) => {
    child = spawn(process.execPath, [...flags, "src/main.ts"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        WEBSERVER__HOST: "127.0.0.1",
        WEBSERVER__PORT: `${port}`,
        WEBSERVER__OPERATIONS_PORT: `${operationsPort}`,
        WEBSERVER__DRAIN_DELAY: "0",
        SYNC_DATAPLANE_CLUSTERS__ENABLED: "false",
        ...env,
        ...more,
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (logs += chunk));
    child.stdout?.on("data", (chunk) => (log += chunk));
    return child;
  };
  const hasExited = () => !child || child.exitCode !== null || child.signalCode !== null;
  const ready = async () => {
    const limited = { signal: AbortSignal.timeout(20_000) };
    return (await fetch(`${operationsUrl}/readyz`, limited).catch(() => undefined))?.status;
  };
  return {
    url,
    operationsUrl,
    logs: () => logs,
    log: () => log,
    pid: () => child?.pid ?? 0,
    ready,
    async start(limit = 60_000) {
      const began = performance.now();
      run();
      while (performance.now() - began < limit) {
        if (hasExited()) throw new Error(`Houston exited: ${logs.slice(-2_000)}`);
        if ((await ready()) === 200) return performance.now() - began;
        await sleep(20);
      }
      throw new Error(`Houston was not ready within ${limit} ms: ${logs.slice(-2_000)}`);
    },
    async fail(more) {
      const failing = run(more);
      let output = "";
      failing.stderr?.on("data", (chunk) => (output += chunk));
      const [code] = await once(failing, "close");
      return { code: code as number, output: output.trim() };
    },
    async stop(signal = "SIGTERM") {
      if (!child || hasExited()) return child?.exitCode ?? null;
      const exited = once(child, "exit");
      child.kill(signal);
      return (await exited)[0] as number | null;
    },
  };
}
