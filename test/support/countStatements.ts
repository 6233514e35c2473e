import pg from "pg";

/** What was counted. */
export interface Counted<T> {
  result: T;
  statements: string[];
  /** The values of each statement's parameters. */
  values: unknown[][];
}

interface Request {
  text: string;
  values?: unknown[];
}

/**
 * Runs `run` and gives its result with the text of every statement that this process sent to any database meanwhile,
 * BEGIN and COMMIT included. Statements of other work going on at the same time are counted too, but for the job worker's
 * looks at its queue.
 */
export async function countStatements<T>(run: () => Promise<T>): Promise<Counted<T>> {
  const statements: string[] = [];
  const values: unknown[][] = [];
  const query = pg.Client.prototype.query;
  function counted(this: pg.Client, ...args: unknown[]) {
    const [request] = args as [Parameters<typeof requestsOf>[0]];
    for (const one of requestsOf(request)) {
      if (one.text.includes("_private_")) continue;
      statements.push(one.text);
      values.push(one.values ?? []);
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

/** Several are sent together where they are one transaction. */
function requestsOf(request: string | Request | { queries: Request[] }): Request[] {
  if (typeof request === "string") return [{ text: request }];
  return "queries" in request ? request.queries : [request];
}
