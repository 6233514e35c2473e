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
