/** The value of a metric without labels at `/metrics` of the operations port. */
export async function metricAt(operationsUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${operationsUrl}/metrics`)).text();
  const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(text) ?? [];
  if (value === undefined) throw new Error(`There is no metric ${name}`);
  return Number(value);
}

/**
 * The 99th percentile of the delay of the event loop since it was last asked for, in milliseconds. It includes the 10 ms
 * between two looks.
 */
export const eventLoopDelay = async (operationsUrl: string) =>
  1_000 * (await metricAt(operationsUrl, "nodejs_eventloop_lag_p99_seconds"));
