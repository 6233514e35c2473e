import type { Listening } from "./listen.ts";

/** Reports callers that may have lost permissions, whichever Houston process on this database changed them. */
export interface RightsEvents {
  /** Number of notifications received so far, for `follow`. */
  heard(): number;
  /**
   * Calls `lost` whenever the user or service account may have lost a role, a session or an API key, and also soon after
   * this call if any notification arrived since `since`. Returns a function that stops it.
   */
  follow(callerId: string, since: number, lost: () => void): () => void;
  /** Calls `lost` at once for every notification, whoever it is about, and when some may have been missed. */
  watch(lost: () => void): void;
  /** True while every notification is heard. */
  isListening(): boolean;
}

/** The triggers notify only while a Houston process holds it: prisma/migrations/20261125015000_rights_lost_events. */
export const RIGHTS_LOCK = 7452729;

/** Delay between a notification and the calls, and minimum time between two rounds of calls: merges many changes. In ms. */
const MERGE_DELAY = 100;
const MIN_INTERVAL = 500;

/**
 * Listens to the triggers on permissions once there is a follower. When listening resumes after an interruption, every
 * follower is called, because notifications may have been lost.
 */
export function createRightsEvents(listening: Listening): RightsEvents {
  const followers = new Map<string, Set<() => void>>();
  let affected = new Set<string>();
  const watchers: (() => void)[] = [];
  let everyone = false;
  let listensNow = false;
  let heard = 0;
  let lastCall = 0;
  let timer: NodeJS.Timeout | undefined;

  const callFollowers = () => {
    timer = undefined;
    lastCall = performance.now();
    const ids = everyone ? [...followers.keys()] : affected;
    affected = new Set();
    everyone = false;
    for (const id of ids) for (const lost of followers.get(id) ?? []) lost();
  };
  const schedule = () => {
    if (timer) return;
    timer = setTimeout(callFollowers, Math.max(MERGE_DELAY, lastCall + MIN_INTERVAL - performance.now()));
    timer.unref();
  };
  const all = () => {
    everyone = true;
    schedule();
  };
  listening.add({
    channel: "rights_lost",
    lock: RIGHTS_LOCK,
    heard(callerId) {
      heard += 1;
      for (const lost of watchers) lost();
      if (callerId === "") return all();
      if (!followers.has(callerId)) return;
      affected.add(callerId);
      schedule();
    },
    begun() {
      listensNow = true;
      for (const lost of watchers) lost();
      all();
    },
    interrupted() {
      listensNow = false;
    },
  });

  return {
    heard: () => heard,
    watch(lost) {
      listening.begin();
      watchers.push(lost);
    },
    isListening: () => listensNow,
    follow(callerId, since, lost) {
      listening.begin();
      const callbacks = followers.get(callerId) ?? new Set();
      followers.set(callerId, callbacks.add(lost));
      if (heard !== since) {
        affected.add(callerId);
        schedule();
      }
      return () => {
        callbacks.delete(lost);
        if (callbacks.size === 0 && followers.get(callerId) === callbacks) followers.delete(callerId);
      };
    },
  };
}
