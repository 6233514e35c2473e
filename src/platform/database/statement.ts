import { queryName } from "./queryName.ts";
import type { Query } from "./queryRunner.ts";

/** Number of results after which a statement is prepared by name. */
const RESULTS_BEFORE_PREPARED = 2;

/**
 * SQL that can be sent repeatedly. It is prepared by name once it has returned results twice, so that a document sent only
 * once, or by callers without permission, leaves nothing in the database session.
 */
export class Statement {
  readonly sql: string;
  readonly #name: string;
  #results = 0;

  constructor(sql: string) {
    this.sql = sql;
    this.#name = queryName(sql);
  }

  query(values: unknown[]): Query {
    const text = this.sql;
    return this.#results < RESULTS_BEFORE_PREPARED ? { text, values } : { name: this.#name, text, values };
  }

  /** Records that the statement has returned a result. */
  succeeded(): void {
    this.#results += 1;
  }
}
