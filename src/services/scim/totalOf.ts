import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { preparedQuery } from "./preparedQuery.ts";

/** A page that was read: `values` are the parameters, of which the second and third are only those of the page. */
interface ReadPage {
  /** From "FROM" on, without order and page. */
  where: string;
  values: unknown[];
  found: number;
  skip: number;
  take: number;
}

/** The number of rows that all pages have together. A page that is not full is the last one. */
export async function totalOf(runner: QueryRunner, { where, values, found, skip, take }: ReadPage): Promise<number> {
  if (found < take && (found > 0 || skip === 0)) return skip + found;
  const [counted] = await preparedQuery<{ total: number }>(
    runner,
    // PostgreSQL has to know the types of all parameters.
    `SELECT count(*)::int AS total ${where} AND $2::int IS NOT NULL AND $3::int IS NOT NULL`,
    values,
  );
  return counted?.total ?? 0;
}
