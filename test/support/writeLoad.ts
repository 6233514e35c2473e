import { setTimeout as sleep } from "node:timers/promises";

/** Clients that write all the time, and a log of what the server has acknowledged. */
export interface WriteLoad {
  /** Labels of the Workspaces whose creation was acknowledged. */
  acknowledged: string[];
  /** Codes of errors, and statuses other than 200, with how often they were answered. */
  errors: Map<string, number>;
  /** Longest time until a response, in milliseconds; requests that the server could not receive do not count. */
  slowest(): number;
  /** Acknowledged writes per second, while the server was not interrupted for more than half a second. */
  rate(): number;
  /** Milliseconds from now until the next acknowledgment. */
  next(limit?: number): Promise<number>;
  stop(): Promise<void>;
}

const CREATE = "mutation ($label: String!) { createWorkspace(label: $label) { id label } }";

/** Starts `clients` clients that create Workspaces at `url` one after the other, at most `perSecond` in total. */
export function writeLoad(url: string, token: string, { clients = 20, perSecond = 400 } = {}): WriteLoad {
  const acknowledged: string[] = [];
  const errors = new Map<string, number>();
  let [stopped, slowest, busy, last] = [false, 0, 0, 0];
  const count = (what: string) => void errors.set(what, (errors.get(what) ?? 0) + 1);
  const create = async (label: string) => {
    const began = performance.now();
    const response = await fetch(`${url}/v1`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: token },
      body: JSON.stringify({ query: CREATE, variables: { label } }),
    });
    const text = await response.text();
    const now = performance.now();
    slowest = Math.max(slowest, now - began);
    if (response.status !== 200) return count(String(response.status));
    const { data, errors: problems } = JSON.parse(text);
    for (const { extensions } of problems ?? []) count(extensions.code);
    if (data?.createWorkspace?.label !== label) return;
    acknowledged.push(label);
    if (now - last < 500) busy += now - last;
    last = now;
  };
  const client = async (number: number) => {
    for (let round = 0; !stopped; round += 1) {
      const due = sleep((1_000 * clients) / perSecond);
      await create(`client ${number} round ${round}`).catch(async () => {
        count("not connected");
        // The server needs the processor to start.
        await sleep(250);
      });
      await due;
    }
  };
  const running = Array.from({ length: clients }, (_, number) => client(number));
  return {
    acknowledged,
    errors,
    slowest: () => slowest,
    rate: () => (1_000 * acknowledged.length) / Math.max(busy, 1),
    async next(limit = 60_000) {
      const began = performance.now();
      const before = acknowledged.length;
      while (acknowledged.length === before) {
        if (performance.now() - began > limit) throw new Error(`Nothing was acknowledged within ${limit} ms`);
        await sleep(5);
      }
      return performance.now() - began;
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** What is wrong with the Workspaces that were acknowledged: lost ones, and any that was written in part. */
export async function lostWrites(url: string, token: string, { acknowledged }: WriteLoad) {
  const response = await fetch(`${url}/v1`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: token },
    body: JSON.stringify({ query: "{ sysWorkspaces { label roleBindings { role user { id } } } }" }),
  });
  const { data } = (await response.json()) as {
    data: { sysWorkspaces: { label: string; roleBindings: { role: string; user: unknown }[] }[] };
  };
  const found = new Set(data.sysWorkspaces.map(({ label }) => label));
  const complete = (one: (typeof data.sysWorkspaces)[number]) =>
    one.roleBindings.length === 1 && one.roleBindings[0]?.role === "WORKSPACE_ADMIN" && one.roleBindings[0].user;
  return {
    lost: acknowledged.filter((label) => !found.has(label)),
    halfWritten: data.sysWorkspaces.filter((one) => !complete(one)),
  };
}
