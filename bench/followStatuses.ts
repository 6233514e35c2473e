import { once } from "node:events";
import { WebSocket } from "ws";

/** The statuses of Deployments as a client of one Houston receives them. */
export interface FollowedStatuses {
  /** The last status that was received. */
  current(releaseName: string): string | undefined;
  /** When the next one arrives, on the clock of `performance`. Rejects after `limit` milliseconds. */
  next(releaseName: string, limit: number): Promise<number>;
  close(): void;
}

/** Subscriptions on one socket; the server allows no more. */
const SHARE = 20;

/** Subscribes to Deployments, and waits for the current status of each. */
export async function followStatuses(url: string, token: string, names: readonly string[]): Promise<FollowedStatuses> {
  const shares: FollowedStatuses[] = [];
  for (let from = 0; from < names.length; from += SHARE)
    shares.push(await followShare(url, token, names.slice(from, from + SHARE)));
  const of = new Map(names.map((name, n) => [name, shares[Math.floor(n / SHARE)] as FollowedStatuses]));
  const shareOf = (name: string) => of.get(name) as FollowedStatuses;
  return {
    current: (name) => shareOf(name).current(name),
    next: (name, limit) => shareOf(name).next(name, limit),
    close() {
      for (const { close } of shares) close();
    },
  };
}

async function followShare(url: string, token: string, names: readonly string[]): Promise<FollowedStatuses> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, "graphql-transport-ws");
  await once(socket, "open");
  const send = (message: object) => socket.send(JSON.stringify(message));
  const statuses = new Map<string, string>();
  const waiting = new Map<string, (at: number) => void>();
  const known = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    const { type, id, payload } = JSON.parse(String(data));
    if (type === "connection_ack") {
      const query = "subscription ($name: String) { deploymentStatus(releaseName: $name) { status } }";
      for (const name of names) send({ type: "subscribe", id: name, payload: { query, variables: { name } } });
    } else if (type === "next") {
      if (payload.errors) return known.reject(new Error(JSON.stringify(payload.errors)));
      statuses.set(id, payload.data.deploymentStatus.status);
      waiting.get(id)?.(performance.now());
      waiting.delete(id);
      if (statuses.size === names.length) known.resolve();
    } else if (type === "error") known.reject(new Error(JSON.stringify(payload)));
  });
  send({ type: "connection_init", payload: { authorization: token } });
  await known.promise;
  return {
    current: (name) => statuses.get(name),
    next(name, limit) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const timer = setTimeout(() => reject(new Error(`${name}: no status within ${limit} ms`)), limit);
      waiting.set(name, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
      return promise;
    },
    close: () => socket.close(),
  };
}
