import type { Size } from "./data.ts";
import { load } from "./load.ts";
import { cpuSeconds, rssMegabytes, serverCpuBusy } from "./machine.ts";
import { type OperationName, operations } from "./operations.ts";
import { trafficOf } from "./requests.ts";
import type { RunningServer, ServerName } from "./servers.ts";

/** The measurements of one server, operation and round. */
export interface Measurement {
  size: Size;
  operation: OperationName;
  server: ServerName;
  round: number;
  /** Requests, or pairs, per second. */
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** CPU seconds of the server process per 1,000 requests or pairs. */
  cpu: number;
  /** Memory of the server process at the end, in MB. */
  rss: number;
  /** The part of the servers' CPU that other processes used meanwhile, from 0 to 1. */
  others: number;
}

/** Loads a server with one operation. Throws for a response with a status other than 2xx or with errors. */
export async function measure(
  server: RunningServer,
  cell: { size: Size; operation: OperationName; round: number; seconds: number; connections: number },
): Promise<Measurement> {
  const { size, operation, round } = cell;
  const [before, busyBefore] = [cpuSeconds(server.pid), serverCpuBusy()];
  const result = await load(server.port, trafficOf(server.name, operations[operation], size), cell);
  const [cpu, busy] = [cpuSeconds(server.pid) - before, serverCpuBusy() - busyBefore];
  if (result.failures > 0) {
    throw new Error(
      `${server.name} ${operation} (${size}): ${result.failures} bad answers, the first: ${result.failure}`,
    );
  }
  const at = (share: number) => result.latencies[Math.floor(result.latencies.length * share)] ?? 0;
  return {
    ...{ size, operation, server: server.name, round },
    perSecond: result.count / result.seconds,
    p50: at(0.5),
    p99: at(0.99),
    cpu: (cpu * 1_000) / result.count,
    rss: rssMegabytes(server.pid),
    others: Math.max(0, (busy - cpu) / result.seconds),
  };
}
