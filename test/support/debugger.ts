import { once } from "node:events";
import { WebSocket } from "ws";

/** MB of heap that a process of Node uses after a forced collection; it must run with `--inspect=127.0.0.1:<port>`. */
export async function heapAfterCollection(port: number): Promise<number> {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "");
  await once(socket, "open");
  let id = 0;
  const ask = async (method: string): Promise<Record<string, number>> => {
    socket.send(JSON.stringify({ id: ++id, method }));
    const [data] = await once(socket, "message");
    const { result, error } = JSON.parse(String(data));
    if (error) throw new Error(error.message);
    return result;
  };
  try {
    // What finalizers release is freed by the next one.
    for (let n = 0; n < 3; n += 1) await ask("HeapProfiler.collectGarbage");
    return ((await ask("Runtime.getHeapUsage")).usedSize ?? 0) / 2 ** 20;
  } finally {
    socket.terminate();
  }
}
