import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { type openAs, operationsOn } from "./sockets.ts";

/** How a request was answered: "ok", a code, "HTTP <status>" or "no answer". */
export type Outcome = string;

/** The requests of one user over every API of a Houston, by name. */
export function everyApi({ url, operationsUrl }: { url: string; operationsUrl: string }, token: string) {
  let unique = 0;
  const graphql = async (query: string, path = "/v1"): Promise<Outcome> => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: token },
      body: JSON.stringify({ query }),
    });
    if (response.status !== 200) return `HTTP ${response.status}`;
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return errors?.[0]?.extensions.code ?? "ok";
  };
  const http = async (address: string, headers: Record<string, string> = {}): Promise<Outcome> => {
    const response = await fetch(address, { headers });
    await response.text();
    return response.status === 200 ? "ok" : `HTTP ${response.status}`;
  };
  const rest = `${url}/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/workspaces`;
  return {
    "fast path": () => graphql("{ workspaces { id label } }"),
    "Apollo's path": () => graphql(`# ${++unique}\n{ workspaces { id label } self { user { id } } }`),
    transaction: () => graphql(`mutation { forgotPassword(email: "nobody@example.com") }`),
    "alpha API": () => graphql("{ organizations { id } }", "/alpha"),
    "Platform API": () => http(rest, { authorization: `Bearer ${token}` }),
    healthz: () => http(`${url}/healthz`),
    readyz: () => http(`${operationsUrl}/readyz`),
    metrics: () => http(`${operationsUrl}/metrics`),
  } satisfies Record<string, () => Promise<Outcome>>;
}
export type Api = keyof ReturnType<typeof everyApi>;

/** An answer, in milliseconds from when the requests began and until it arrived. */
export interface Answer {
  api: Api | "socket";
  outcome: Outcome;
  began: number;
  took: number;
}

/** Sends `perSecond` requests per second, to each API in turn, for so many milliseconds; returns all answers. */
export async function askEveryApi(
  houston: { url: string; operationsUrl: string },
  token: string,
  { perSecond, duration }: { perSecond: number; duration: number },
): Promise<Answer[]> {
  const apis = Object.entries(everyApi(houston, token)) as [Api, () => Promise<Outcome>][];
  const first = performance.now();
  const timed = async (api: Answer["api"], ask: () => Promise<Outcome>): Promise<Answer> => {
    const began = performance.now();
    const outcome = await ask().catch(() => "no answer");
    return { api, outcome, began: began - first, took: performance.now() - began };
  };
  const answers: Promise<Answer>[] = [];
  for (let n = 0; performance.now() - first < duration; n += 1) {
    const [api, ask] = apis[n % apis.length] ?? [];
    if (api && ask) answers.push(timed(api, ask));
    await sleep(Math.max(0, first + ((n + 1) * 1_000) / perSecond - performance.now()));
  }
  return Promise.all(answers);
}

/** Runs a query over an open socket. */
export async function askSocket(socket: Awaited<ReturnType<typeof openAs>>, id: string): Promise<Answer> {
  const began = performance.now();
  operationsOn(socket).start(id, `query { workspaces { id label } }`);
  const message = JSON.stringify(await socket.next((one) => one.id === id && one.type !== "complete"));
  const outcome = /"code":"(\w+)"/.exec(message)?.[1] ?? "ok";
  return { api: "socket", outcome, began: 0, took: performance.now() - began };
}

/** The number of answers of each kind: "healthz ok 12". */
export function summary(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const { api, outcome } of answers) {
    const key = `${api} ${outcome}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key} ${count}`).join("; ");
}
