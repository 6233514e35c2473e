import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { pino } from "pino";
import { afterEach, expect, it, vi } from "vitest";
import { CannotContinue, type Keeper, keepRunning } from "../../src/platform/database/embedded/keepRunning.ts";

const log = pino({ level: "silent" });
const started: ChildProcess[] = [];
let keeper: Keeper | undefined;
afterEach(async () => {
  await keeper?.stop();
  keeper = undefined;
  started.length = 0;
});

/** A process that ends on the signal that stops a PostgreSQL. */
async function newProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  started.push(child);
  return child;
}

const kill = (child: ChildProcess | undefined) => child?.kill("SIGKILL");

it("a process that exits is replaced, however often starting it fails first", async () => {
  const start = vi.fn(newProcess);
  start.mockRejectedValueOnce(new Error("no space left")).mockRejectedValueOnce(new Error("no space left"));
  const givenUp = vi.fn();
  keeper = keepRunning(await newProcess(), start, { log, givenUp });
  kill(started[0]);
  await expect.poll(() => started.length).toBe(2);
  expect(start).toHaveBeenCalledTimes(3);
  kill(started[1]);
  await expect.poll(() => started.length).toBe(3);
  expect(givenUp).not.toHaveBeenCalled();
});

it("a process that keeps exiting is started less and less often", async () => {
  const times: number[] = [];
  const start = async () => {
    times.push(performance.now());
    const child = await newProcess();
    kill(child);
    return child;
  };
  keeper = keepRunning(await newProcess(), start, { log, givenUp: vi.fn() });
  kill(started[0]);
  await expect.poll(() => times.length).toBeGreaterThan(3);
  const waits = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  expect(waits[2]).toBeGreaterThan(2 * 200);
});

it("nothing is started after an error that somebody has to solve, which is reported", async () => {
  const error = new CannotContinue("another Houston uses the folder");
  const start = vi.fn().mockRejectedValue(error);
  const givenUp = vi.fn();
  keeper = keepRunning(await newProcess(), start, { log, givenUp });
  kill(started[0]);
  await expect.poll(() => givenUp.mock.calls).toEqual([[error]]);
  expect(start).toHaveBeenCalledTimes(1);
});

it("a process is not replaced once it was stopped, even if that was while it was being replaced", async () => {
  const start = vi.fn(newProcess);
  keeper = keepRunning(await newProcess(), start, { log, givenUp: vi.fn() });
  kill(started[0]);
  await keeper.stop();
  for (const child of started) expect(child.exitCode ?? child.signalCode).not.toBeNull();
});
