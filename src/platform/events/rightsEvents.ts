import type { Listening } from "./listen.ts";

/** Tells that someone may have lost rights, whichever Houston on this database took them. */
export interface RightsEvents {
  /** How much was heard so far, for `follow`. */
  heard(): number;
  /**
   * Calls `lost` whenever the user or service account may have lost a role, a session or their key; soon, if anything was heard
   * since `since`. Gives the function that ends it.
   */
  follow(callerId: string, since: number, lost: () => void): () => void;
}

/** The triggers notify while some Houston holds it: prisma/migrations/20261125015000_rights_lost_events. */
export const RIGHTS_LOCK = 7452729;

/** Milliseconds from what is heard until it is told, and between two tellings: many changes in a row are one. */
const GATHER = 100;
const PAUSE = 500;

/**
 * Listens to the triggers on rights from the first follower on. Each time listening begins again, everyone is told, because
 * something may not have been heard.
 */
export function createRightsEvents(listening: Listening): RightsEvents {
  const followers = new Map<string, Set<() => void>>();
  let concerned = new Set<string>();
  let everyone = false;
  let heard = 0;
  let told = 0;
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    timer = undefined;
    told = performance.now();
    const ids = everyone ? [...followers.keys()] : concerned;
    concerned = new Set();
    everyone = false;
    for (const id of ids) for (const lost of followers.get(id) ?? []) lost();
  };
  const soon = () => {
    if (timer) return;
    timer = setTimeout(tell, Math.max(GATHER, told + PAUSE - performance.now()));
    timer.unref();
  };
  const all = () => {
    everyone = true;
    soon();
  };
  listening.add({
    channel: "rights_lost",
    lock: RIGHTS_LOCK,
    heard(callerId) {
      heard += 1;
      if (callerId === "") return all();
      if (!followers.has(callerId)) return;
      concerned.add(callerId);
      soon();
    },
    begun: all,
  });

  return {
    heard: () => heard,
    follow(callerId, since, lost) {
      listening.begin();
      const mine = followers.get(callerId) ?? new Set();
      followers.set(callerId, mine.add(lost));
      if (heard !== since) {
        concerned.add(callerId);
        soon();
      }
      return () => {
        mine.delete(lost);
        if (mine.size === 0 && followers.get(callerId) === mine) followers.delete(callerId);
      };
    },
  };
}
