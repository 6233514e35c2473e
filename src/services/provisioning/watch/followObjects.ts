import { setTimeout as sleep } from "node:timers/promises";
import {
  type KubernetesClient,
  KubernetesError,
  type KubernetesObject,
  type Resource,
  type Scope,
  type WatchEvent,
} from "../../../platform/kubernetes/kubernetes.ts";

/** Whom `followObjects` tells what. */
export interface Follower {
  /** A list begins. If it fails, another one does. */
  listing(): void;
  /** One page of the list. */
  page(objects: readonly KubernetesObject[]): void;
  /** The list is complete: what was not on its pages does not exist. */
  listed(): void;
  changed(event: Extract<WatchEvent, { object: KubernetesObject }>): void;
  /** The server answers as it should. */
  answered(): void;
  /** A request failed. It is repeated until it succeeds. */
  failed(error: Error): void;
}

/** Options of `followObjects`. */
export interface FollowOptions {
  client: KubernetesClient;
  resource: Resource;
  scope: Scope;
  follower: Follower;
  /** Milliseconds without an event after which the server is asked whether it is still there. */
  silence: number;
  /** Runs a list, once it may. */
  queue<T>(list: () => Promise<T>, signal: AbortSignal): Promise<T>;
  signal: AbortSignal;
}

/** Objects of a page: some megabytes. */
const PAGE = 250;

/** Milliseconds before trying again: the first time, doubled after each failure, and the longest. */
const FIRST_DELAY = 250;
const MAX_DELAY = 5_000;

/** Milliseconds for which a watch must have been open, or it counts as refused: a refusal comes sooner. */
const ESTABLISHED = 2_000;

/**
 * Lists objects, then watches them, until the signal aborts. When the server ends the watch or a request fails, it goes on
 * where it was; when the server has forgotten that (410), it lists again.
 */
export async function followObjects({ client, resource, scope, follower, ...options }: FollowOptions): Promise<void> {
  const { silence, queue, signal } = options;
  let version: string | undefined;
  let failures = 0;

  const heard = () => {
    failures = 0;
    follower.answered();
  };
  const list = async () => {
    let latest = "";
    follower.listing();
    for await (const { items, resourceVersion } of client.list(resource, { ...scope, limit: PAGE, signal })) {
      follower.page(items);
      follower.answered();
      latest = resourceVersion;
    }
    follower.listed();
    return latest;
  };
  /** Throws unless the same objects can still be listed. */
  const probe = async () => {
    for await (const _ of client.list(resource, { ...scope, limit: 1, signal })) return;
  };
  const watch = async (from: string) => {
    const ended = new AbortController();
    const end = () => ended.abort();
    signal.addEventListener("abort", end, { once: true });
    let failure: Error | undefined;
    const ask = () => {
      probe().then(heard, (error: Error) => {
        failure = error;
        ended.abort();
      });
      quiet.refresh();
    };
    const quiet = setTimeout(ask, silence);
    const established = setTimeout(heard, ESTABLISHED);
    try {
      const events = client.watch(resource, { ...scope, resourceVersion: from, signal: ended.signal });
      for await (const event of events) {
        version = event.resourceVersion;
        quiet.refresh();
        heard();
        if (event.type !== "BOOKMARK") follower.changed(event);
      }
    } catch (error) {
      throw failure ?? error;
    } finally {
      signal.removeEventListener("abort", end);
      clearTimeout(quiet);
      clearTimeout(established);
    }
  };

  while (!signal.aborted) {
    const began = performance.now();
    try {
      if (version === undefined) version = await queue(list, signal);
      else if (failures > 0) await probe();
      await watch(version);
      // A server that ends each watch at once is not asked again at once.
      failures = performance.now() - began < ESTABLISHED ? failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (error instanceof KubernetesError && error.status === 410) version = undefined;
      else follower.failed(error as Error);
    }
    if (failures > 0) await sleep(delayAfter(failures), undefined, { signal }).catch(() => undefined);
  }
}

/** Not the same for all watches, so that a server that comes back is not asked by all at once. */
const delayAfter = (failures: number) =>
  Math.min(FIRST_DELAY * 2 ** (failures - 1), MAX_DELAY) * (0.5 + Math.random() / 2);
