import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, until } from "../src/platform/database/embedded/postmaster.ts";
import { startCommand } from "./houstonCommand.ts";
import { canPin, SERVER_CPU } from "./machine.ts";
import { isDocument } from "./operation.ts";
import { type OperationName, operations } from "./operations.ts";

/** The servers to compare; the others are measured against `limit`. */
export const serverNames = [
  "limit",
  "houston",
  "baseline",
  "mercurius",
  "yoga",
  "postgraphile",
  "fastify-prisma",
] as const;
export type ServerName = (typeof serverNames)[number];

/** A running server. */
export interface RunningServer {
  name: ServerName;
  port: number;
  /** The port of metrics and probes; only Houston has one. */
  operationsPort: number;
  pid: number;
  /** Whether it has the operation. */
  serves(operation: OperationName): boolean;
  /** Seconds from its start until it accepted connections. */
  startup: number;
  stop(): Promise<void>;
}

/** Secrets that all servers of a run share, so that each accepts the tokens of the others. */
export const secrets = {
  jwt: randomBytes(32).toString("base64url"),
  encryption: randomBytes(32).toString("base64"),
};

// If this process exits without its clean-up, no server may keep running.
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** The time that a server has to start, in milliseconds. */
const START_LIMIT = 60_000;

/** The comparison servers; Houston itself is started as `startCommand` says. */
const programs = {
  limit: "peers/limit.mjs",
  mercurius: "peers/mercurius.mjs",
  yoga: "peers/yoga.mjs",
  postgraphile: "peers/postgraphile.mjs",
  "fastify-prisma": "peers/fastifyPrisma.mjs",
};

/** Whether a server has an operation: comparison servers have GraphQL or REST, and an old baseline has no REST. */
export function serves(server: ServerName, operation: OperationName, baseline: string): boolean {
  if (server === "limit" || server === "houston") return true;
  if (operation === "A1") return server === "baseline" && existsSync(resolve(baseline, "src/api/edge"));
  const isRest = !isDocument(operations[operation].target);
  if (server === "baseline") return !isRest || existsSync(resolve(baseline, "src/api/rest/deployments"));
  return (server === "fastify-prisma") === isRest;
}

const isHouston = (name: ServerName) => name === "houston" || name === "baseline";

/**
 * Starts a server on a free loopback port in a process of its own, if possible pinned to the servers' CPU, and waits until
 * it accepts connections. NODE_ENV is production; Houston has its defaults and its log is discarded. Houston starts as with
 * `npm start`, or with the settings of the image if `tuned`, with more `flags` of Node; "baseline" is the checkout in that
 * folder. `program` replaces the program of a comparison server. Throws with the
 * server's output when it exits first.
 */
export async function startServer(
  name: ServerName,
  databaseUrl: string,
  folder: string,
  { tuned = false, baseline = "", flags = [] as string[], accessCache = 0, program: peer = "" } = {},
): Promise<RunningServer> {
  const { env, args: own } =
    name === "houston" || name === "baseline"
      ? startCommand(name === "baseline" ? baseline : undefined, tuned)
      : { env: {}, args: [fileURLToPath(new URL(peer || programs[name], import.meta.url))] };
  const [port, operationsPort] = [await freePort(), await freePort()];
  const begun = performance.now();
  const program = [process.execPath, ...flags, ...own];
  const [command = "", ...args] = canPin ? ["taskset", "-c", SERVER_CPU, ...program] : program;
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...env,
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      JWT__SECRET: secrets.jwt,
      ENCRYPTION__KEYS: JSON.stringify([secrets.encryption]),
      ...(isHouston(name) && {
        WEBSERVER__HOST: "127.0.0.1",
        WEBSERVER__PORT: String(port),
        WEBSERVER__OPERATIONS_PORT: String(operationsPort),
        DATABASE__DATA_FOLDER: folder,
        ...(name === "houston" && accessCache > 0 && { AIRFLOW_ACCESS__CACHE_DURATION: String(accessCache) }),
      }),
    },
  });
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (said.push(text) > 20) said.shift();
  });
  let ended = false;
  alive.add(child);
  child.once("exit", () => {
    ended = true;
    alive.delete(child);
  });
  child.once("error", (error) => {
    ended = true;
    said.push(error.message);
  });
  await until(async () => ended || (await listens(port)), START_LIMIT);
  if (ended || !(await listens(port))) {
    await end(child);
    throw new Error(`${name} did not start:\n${said.join("")}`);
  }
  const startup = (performance.now() - begun) / 1_000;
  return {
    ...{ name, port, operationsPort, pid: child.pid ?? 0, startup },
    serves: (operation) => serves(name, operation, baseline),
    stop: () => end(child),
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Stops a server: Houston with SIGINT, which drains without a delay, others with SIGTERM; after 5 s with SIGKILL. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  child.kill(child.spawnargs.some((part) => part.endsWith("main.ts")) ? "SIGINT" : "SIGTERM");
  await Promise.race([gone, sleep(5_000, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await gone;
  }
}
