import type pg from "pg";
import type { Credential } from "./authenticate.ts";
import { type LoadedCaller, loadCaller, type ScopeRequest } from "./loadCaller.ts";

/**
 * Loads the caller, and the scopes of the rows that rules name. Fields that call it in the same turn of the event loop (the root
 * fields of a query) share one statement.
 */
export type CallerLoader = (requests: readonly ScopeRequest[]) => Promise<LoadedCaller>;

/** The loader of one request. Fields of a mutation call it one after the other, so each sees what the last one changed. */
export function createCallerLoader(pool: pg.Pool, credential: Credential): CallerLoader {
  let turn: { requests: ScopeRequest[]; answer: Promise<LoadedCaller> } | undefined;
  return (requests) => {
    if (!turn) {
      const gathered: ScopeRequest[] = [];
      const answer = new Promise<void>((resolve) => process.nextTick(resolve)).then(() => {
        turn = undefined;
        return loadCaller(pool, credential, gathered);
      });
      turn = { requests: gathered, answer };
    }
    turn.requests.push(...requests);
    return turn.answer;
  };
}

/** Loads callers for subscriptions that check again: all calls in one turn with one credential share one statement. */
export type SharedCallerLoader = (credential: Credential, requests: readonly ScopeRequest[]) => Promise<LoadedCaller>;

export function createSharedCallerLoader(pool: pg.Pool): SharedCallerLoader {
  const turn = new Map<string, CallerLoader>();
  return (credential, requests) => {
    const key = JSON.stringify(credential);
    const loader = turn.get(key) ?? createCallerLoader(pool, credential);
    if (turn.size === 0) process.nextTick(() => turn.clear());
    turn.set(key, loader);
    return loader(requests);
  };
}
