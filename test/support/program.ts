import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** A real program that runs beside Houston, on loopback only. */
export interface Program {
  /** What it has written so far, for messages of failures. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a program and waits until `url` answers, with whatever status, for at most `patience` milliseconds. When it is
 * stopped, it has as long to end.
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  { url, env = {}, patience = 120_000 }: { url: string; env?: Record<string, string>; patience?: number },
): Promise<Program> {
  const child: ChildProcess = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += data));
  const failed = once(child, "error").then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  const program = {
    output: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), patience);
      await once(child, "exit");
      clearTimeout(timer);
    },
  };
  for (const until = Date.now() + patience; Date.now() < until; ) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${output}`);
    const answered = await Promise.race([
      failed,
      fetch(url, { redirect: "manual" }).then(
        () => true,
        () => false,
      ),
    ]);
    if (answered) return program;
    await sleep(100);
  }
  await program.stop();
  throw new Error(`${command} did not answer at ${url} within ${patience} ms: ${output}`);
}

const exec = promisify(execFile);

/** Runs a program to its end, for at most `patience` milliseconds. Returns its exit code and all it wrote. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { env = {}, patience = 60_000 }: { env?: Record<string, string>; patience?: number } = {},
): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await exec(command, args, { timeout: patience, env: { ...process.env, ...env } });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, output: stdout + stderr };
  }
}
