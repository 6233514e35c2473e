import type { Size } from "./data.ts";
import type { Traffic } from "./load.ts";
import { type OperationName, operations } from "./operations.ts";
import { trafficOf } from "./requests.ts";

/** Reads, of which there are four for each write. */
const reads: OperationName[] = ["Q1", "Q2", "Q3", "Q4"];

/** One in nine is a write: a pair of two requests. */
const UNITS = 9;

/** Requests per request or pair of the mix. */
export const REQUESTS_PER_UNIT = 10 / UNITS;

/** 80 % reads, of four kinds, and 20 % writes for Houston. */
export function mixedTraffic(size: Size): Traffic {
  const [reading, writing] = [reads.map((name) => trafficOf("houston", operations[name], size)), writes(size)];
  const isWrite = (n: number) => n % UNITS === UNITS - 1;
  const at = (n: number): Traffic => (isWrite(n) ? writing : (reading[n % reads.length] ?? writing));
  // Each kind rotates through its own calls.
  const turn = (n: number) => Math.floor(n / (isWrite(n) ? UNITS : reads.length));
  return {
    first: (n) => at(n).first(turn(n)),
    followUp: (n, body) => (isWrite(n) ? writing.followUp?.(turn(n), body) : undefined),
  };
}

const writes = (size: Size) => trafficOf("houston", operations.M1, size);
