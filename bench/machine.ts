import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** True if processes can be pinned to a CPU: Linux with `taskset` and two CPUs. */
export const canPin = process.platform === "linux" && availableParallelism() > 1 && hasTaskset();

/** The CPU of the servers. The load and PostgreSQL, which this process starts, run on the other one. */
export const SERVER_CPU = "0";
const OUR_CPU = "1";
const PIN_ATTEMPTS = 5;

function hasTaskset(): boolean {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Pins this process, and processes it starts from now on, to the other CPU than the servers'. */
export function pinOurselves(): void {
  for (let attempt = 1; canPin; attempt++) {
    try {
      execFileSync("taskset", ["-a", "-c", "-p", OUR_CPU, String(process.pid)], { stdio: "ignore" });
      return;
    } catch (error) {
      // `-a` lists our threads and pins one after the other: it fails when one of them has ended meanwhile.
      if (attempt === PIN_ATTEMPTS) throw error;
    }
  }
}

/** CPU seconds that a process has used so far; 0 if the system does not report them. */
export function cpuSeconds(pid: number): number {
  // The program name, in parentheses, may contain spaces.
  const [, fields] = /\) (.*)$/s.exec(proc(pid, "stat")) ?? [];
  const [user, system] = (fields ?? "").split(" ").slice(11, 13);
  return (Number(user ?? 0) + Number(system ?? 0)) / TICKS_PER_SECOND;
}

/** Seconds that all processes have used the servers' CPU so far; 0 if servers are not pinned. */
export function serverCpuBusy(): number {
  if (!canPin) return 0;
  const [, fields] = new RegExp(`^cpu${SERVER_CPU} (.*)$`, "m").exec(readFileSync("/proc/stat", "utf8")) ?? [];
  const [user, nice, system, , , irq, softirq] = (fields ?? "").split(" ").map(Number);
  return [user, nice, system, irq, softirq].reduce<number>((sum, part) => sum + (part ?? 0), 0) / TICKS_PER_SECOND;
}

/** Linux reports CPU time in hundredths of a second, whatever its own clock rate. */
const TICKS_PER_SECOND = 100;

/** Memory of a process in MB (RSS); 0 if the system does not report it. */
export function rssMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(proc(pid, "status")) ?? [];
  return Number(kilobytes ?? 0) / 1_024;
}

function proc(pid: number, file: "stat" | "status"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
