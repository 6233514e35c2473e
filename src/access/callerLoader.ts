import type pg from "pg";
import type { Credential } from "./authenticate.ts";
import { type LoadedCaller, loadCaller, type ScopeRequest } from "./loadCaller.ts";

/**
 * Loads the caller and the scopes of the rows that rules name. Calls in the same turn of the event loop (from the root fields
 * of a query) share one statement.
 */
export type CallerLoader = (requests: readonly ScopeRequest[]) => Promise<LoadedCaller>;

/** The loader of one request. Fields of a mutation call it one after the other, so each sees the changes of the previous one. */
export function createCallerLoader(pool: pg.Pool, credential: Credential): CallerLoader {
  let turn: { requests: ScopeRequest[]; result: Promise<LoadedCaller> } | undefined;
  return (requests) => {
    if (!turn) {
      const collected: ScopeRequest[] = [];
      const result = new Promise<void>((resolve) => process.nextTick(resolve)).then(() => {
        turn = undefined;
        return loadCaller(pool, credential, collected);
      });
      turn = { requests: collected, result };
    }
    turn.requests.push(...requests);
    return turn.result;
  };
}

/** Loads callers for the repeated checks of subscriptions. Calls in one turn with the same credential share a statement. */
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
