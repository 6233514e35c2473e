import pg from "pg";
import { purgeTasks } from "../../src/platform/jobs/purge.ts";
import { fastPathEnabled } from "./app.ts";

/** The statements sent during a run, and what the run returned. */
export interface Counted<T> {
  result: T;
  statements: string[];
  /** The parameters of each statement. */
  values: unknown[][];
}

interface Statement {
  text: string;
  values?: unknown[];
}

/** The statements of the purge tasks, which the job worker runs at fixed times: two of the tasks run every minute. */
const purgeStatements = new Set<string>();
const recorder = {
  async query(text: string) {
    purgeStatements.add(text);
    return { rows: [] };
  },
};
for (const task of Object.values(purgeTasks)) await task?.({}, recorder as never);

/**
 * True for a statement that the server sends on its own schedule: the job worker's, the update of `lastUsedAt`, or the audit
 * entries of denials.
 */
const isScheduled = (text: string) =>
  purgeStatements.has(text) ||
  /_private_|"jobs:insert"|SET "lastUsedAt" = greatest|jsonb_to_recordset\(\$1::jsonb\) AS d\(/.test(text);

/**
 * Runs `run` and returns its result with the text of every statement that this process sent to any database meanwhile,
 * BEGIN and COMMIT included. Statements of other requests in progress are counted too. Statements that the server sends on
 * its own schedule are not, unless `scheduled` is set: on a busy machine they fall into the run of any test.
 */
export async function countStatements<T>(run: () => Promise<T>, { scheduled = false } = {}): Promise<Counted<T>> {
  const statements: string[] = [];
  const values: unknown[][] = [];
  const query = pg.Client.prototype.query;
  function counted(this: pg.Client, ...args: unknown[]) {
    const [sent] = args as [Parameters<typeof statementsOf>[0]];
    for (const statement of statementsOf(sent)) {
      if (!scheduled && isScheduled(statement.text)) continue;
      statements.push(statement.text);
      values.push(statement.values ?? []);
    }
    return Reflect.apply(query, this, args);
  }
  Object.assign(pg.Client.prototype, { query: counted });
  try {
    return { result: await run(), statements, values };
  } finally {
    Object.assign(pg.Client.prototype, { query });
  }
}

/** A batch sends several statements together, as one transaction. */
function statementsOf(sent: string | Statement | { queries: Statement[] }): Statement[] {
  if (typeof sent === "string") return [{ text: sent }];
  return "queries" in sent ? sent.queries : [sent];
}

/** How many statements a query takes that has been sent before: one on the fast path, two through Apollo. */
export const STATEMENTS_WHEN_REPEATED = fastPathEnabled ? 1 : 2;
