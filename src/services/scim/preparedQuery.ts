import { LRUCache } from "lru-cache";
import type pg from "pg";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { Statement } from "../../platform/database/statement.ts";

/** Filters whose statements are prepared: a client has a few forms of them, with other values each time. */
const statements = new LRUCache<string, Statement>({ max: 100 });

/** Runs a statement whose text depends on a filter. It is prepared once the same text has been sent often enough. */
export async function preparedQuery<Row extends pg.QueryResultRow>(
  reads: QueryRunner,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  const statement = statements.get(sql) ?? new Statement(sql);
  statements.set(sql, statement);
  const { rows } = await reads.query<Row>(statement.query(values));
  statement.succeeded();
  return rows;
}
