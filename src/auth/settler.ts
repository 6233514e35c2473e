import type pg from "pg";
import type { Credential } from "./authenticate.ts";
import { type ScopeRequest, type Settled, settle } from "./settle.ts";

/**
 * Settles caller and scopes for the fields of one request. Fields that ask in the same turn of the event loop (the root
 * fields of a query) share one statement.
 */
export type Settler = (requests: readonly ScopeRequest[]) => Promise<Settled>;

/** A settler for one request. Fields of a mutation ask one after the other, so each sees what the last one changed. */
export function createSettler(pool: pg.Pool, credential: Credential): Settler {
  let turn: { requests: ScopeRequest[]; answer: Promise<Settled> } | undefined;
  return (requests) => {
    if (!turn) {
      const gathered: ScopeRequest[] = [];
      const answer = new Promise<void>((resolve) => process.nextTick(resolve)).then(() => {
        turn = undefined;
        return settle(pool, credential, gathered);
      });
      turn = { requests: gathered, answer };
    }
    turn.requests.push(...requests);
    return turn.answer;
  };
}

/** Settles for those who look again of themselves: all who ask in one turn with one credential share one statement. */
export type SharedSettler = (credential: Credential, requests: readonly ScopeRequest[]) => Promise<Settled>;

export function createSharedSettler(pool: pg.Pool): SharedSettler {
  const turn = new Map<string, Settler>();
  return (credential, requests) => {
    const key = JSON.stringify(credential);
    const settler = turn.get(key) ?? createSettler(pool, credential);
    if (turn.size === 0) process.nextTick(() => turn.clear());
    turn.set(key, settler);
    return settler(requests);
  };
}
