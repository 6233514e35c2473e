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

/** What stands in the `postmaster.pid` of a data folder; undefined when there is none. It may be stale. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => undefined);
  const lines = text?.split("\n") ?? [];
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? "starting" } : undefined;
}

/** Whether a process with this id runs. A dead one whose parent has not noticed yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return !/^\d+ \(.*\) Z/.test(readProc(pid, "stat"));
}

/** A file that Linux shows about a process; empty on other systems. */
export function readProc(pid: number, file: "stat" | "comm"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").trim();
  } catch {
    return "";
  }
}

/** Waits until `done` holds, looking every 10 ms; false when it does not within `limit` milliseconds. */
export async function until(done: () => boolean | Promise<boolean>, limit: number): Promise<boolean> {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(10)) if (await done()) return true;
  return done();
}

/** Stops a postmaster the fast way (open transactions roll back), after 15 s the hard way. */
export async function stopPostmaster(pid: number): Promise<void> {
  const gone = () => !isAlive(pid);
  if (gone()) return;
  process.kill(pid, "SIGINT");
  if (await until(gone, 15_000)) return;
  process.kill(pid, "SIGQUIT");
  if (!(await until(gone, 5_000))) throw new Error(`The embedded PostgreSQL (process ${pid}) does not stop`);
}

/** A TCP port nobody listens on at 127.0.0.1 right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address === "object" && address) return address.port;
  throw new Error("No free port at 127.0.0.1");
}

/**
 * Starts a postmaster on `data` and waits until it accepts connections at 127.0.0.1:`port`, also through the recovery
 * after a crash (60 s at most). Throws with what it said last when it ends before.
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
  const said: string[] = [];
  if (child.stderr) {
    createInterface(child.stderr).on("line", (line) => {
      if (said.push(line) > 20) said.shift();
      log.debug({ postgres: line }, "PostgreSQL");
    });
  }
  let ended: unknown;
  child.once("error", (error) => {
    ended = error;
  });
  child.once("exit", (code, signal) => {
    ended = new Error(`ended with ${code ?? signal}`);
  });
  const ready = await until(async () => {
    if (ended) return true;
    const found = await readPostmaster(server.data);
    return found?.pid === child.pid && found?.status === "ready";
  }, 60_000);
  if (ready && !ended) return child;
  if (child.pid && !ended) await stopPostmaster(child.pid);
  throw new Error(`The embedded PostgreSQL did not start: ${said.join(" | ")}`, { cause: ended });
}
