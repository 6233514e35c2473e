import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How long a program has to become ready, or to end after SIGTERM, in milliseconds. */
const PATIENCE = 180_000;

/** A program that a test starts, stops, kills and starts again. */
export interface RestartableProcess {
  /** Starts it, and waits until it is ready. Throws with the end of its log if it ends before that. */
  start(): Promise<void>;
  /** Sends SIGTERM and waits until it has ended; does nothing if it does not run. */
  stop(): Promise<void>;
  /** Ends it at once with SIGKILL. */
  kill(): Promise<void>;
  /** Stops its execution with its sockets open, as a machine that is overloaded. */
  pause(): void;
  resume(): void;
  /** What it has written since the first start. */
  log(): string;
}

/**
 * Prepares a program, with what it writes in the file `log`. It is ready once `isReady` resolves with true; what that throws
 * counts as false. A test that ends in any way ends the program.
 */
export function restartableProcess(
  command: string,
  args: readonly string[],
  { log, env = {}, isReady }: { log: string; env?: Record<string, string>; isReady: () => Promise<boolean> },
): RestartableProcess {
  let child: ChildProcess | undefined;
  const hasEnded = () => !child || child.exitCode !== null || child.signalCode !== null;
  const killAtExit = () => void child?.kill("SIGKILL");
  const readLog = () => readFileSync(log, "utf8");

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || hasEnded()) return;
    const ended = once(child, "exit");
    child.kill(signal);
    child.kill("SIGCONT");
    const timer = setTimeout(() => child?.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(timer);
    process.off("exit", killAtExit);
  }

  return {
    async start() {
      const file = openSync(log, "a");
      child = spawn(command, args, { stdio: ["ignore", file, file], env: { PATH: process.env.PATH, ...env } });
      closeSync(file);
      process.once("exit", killAtExit);
      for (const until = Date.now() + PATIENCE; Date.now() < until; await sleep(50)) {
        if (hasEnded()) throw new Error(`${command} ${args[0]} ended: ${readLog().slice(-2_000)}`);
        if (await isReady().catch(() => false)) return;
      }
      await end("SIGKILL");
      throw new Error(`${command} ${args[0]} was not ready within ${PATIENCE} ms: ${readLog().slice(-2_000)}`);
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    log: readLog,
  };
}
