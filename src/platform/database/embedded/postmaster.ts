import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { PostgresAccount } from "./postgresAccount.ts";

/** A running postmaster, as it describes itself in `postmaster.pid`. */
export interface Postmaster {
  pid: number;
  port: number;
  /** "starting", "ready", "stopping" or "standby". */
  status: string;
}

/** The content of `postmaster.pid` in a data folder; undefined if there is none. It may be stale. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => undefined);
  const lines = text?.split("\n") ?? [];
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? "starting" } : undefined;
}

/** Whether a process with this ID is running. A zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return !/^\d+ \(.*\) Z/.test(readProc(pid, "stat"));
}

/** A file in `/proc` about a process; empty on systems other than Linux. */
export function readProc(pid: number, file: "stat" | "comm"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").trim();
  } catch {
    return "";
  }
}

/** Waits until `done` returns true, checking every 10 ms; false if it does not within `limit` milliseconds. */
export async function until(done: () => boolean | Promise<boolean>, limit: number): Promise<boolean> {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(10)) if (await done()) return true;
  return done();
}

/** Stops a postmaster: a fast shutdown, which rolls back open transactions, and after 15 s an immediate one. */
export async function stopPostmaster(pid: number): Promise<void> {
  const gone = () => !isAlive(pid);
  if (gone()) return;
  process.kill(pid, "SIGINT");
  if (await until(gone, 15_000)) return;
  process.kill(pid, "SIGQUIT");
  if (!(await until(gone, 5_000))) throw new Error(`The embedded PostgreSQL (process ${pid}) did not stop`);
}

/** A TCP port on 127.0.0.1 that is free right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address === "object" && address) return address.port;
  throw new Error("No free port on 127.0.0.1");
}

/**
 * Starts a postmaster on `data` and waits until it accepts connections on 127.0.0.1:`port`, including recovery after a
 * crash (at most 60 s). If it exits earlier, throws with its last messages.
 */
export async function startPostmaster(
  server: { data: string; postgres: string; port: number; durable: boolean },
  account: PostgresAccount,
  log: Logger,
): Promise<ChildProcess> {
  const settings: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port: server.port,
    unix_socket_directories: "",
    max_connections: 200,
    logging_collector: "off",
    log_destination: "stderr",
    ...(server.durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = account.start(server.postgres, ["-D", server.data, ...flags], ["ignore", "ignore", "pipe"]);
  const output: string[] = [];
  if (child.stderr) {
    createInterface(child.stderr).on("line", (line) => {
      if (output.push(line) > 20) output.shift();
      log.debug({ postgres: line }, "PostgreSQL");
    });
  }
  let ended: unknown;
  child.once("error", (error) => {
    ended = error;
  });
  child.once("exit", (code, signal) => {
    ended = new Error(`exited with ${code ?? signal}`);
  });
  const ready = await until(async () => {
    if (ended) return true;
    const found = await readPostmaster(server.data);
    return found?.pid === child.pid && found?.status === "ready";
  }, 60_000);
  if (ready && !ended) return child;
  if (child.pid && !ended) await stopPostmaster(child.pid);
  throw new Error(`The embedded PostgreSQL did not start: ${output.join(" | ")}`, { cause: ended });
}
