/** A column, or a field inside of one, whose values are encrypted: where it is in SQL, and what each value is bound to. */
export interface EncryptedColumn {
  /** How operators are told where a value is: "Deployment.dagDeployment.sshKey". */
  name: string;
  /** The table, as SQL. */
  table: string;
  /** Type of its primary key `id`. */
  idType: "text" | "integer" | "bigint";
  /** SQL of the encrypted value; null for rows that have none. */
  value: string;
  /** The assignment that replaces it by `new_value`. */
  replace: string;
  /** Other columns that the context is made from. */
  from: readonly string[];
  /** The context that the value of a row with this ID and these columns is bound to. */
  boundTo(row: Record<string, string>): string;
}

/** One encrypted value as it was read. */
export interface EncryptedValue {
  id: string;
  value: string;
  boundTo: string;
}

/** The next `limit` values of a column in the order of their IDs, after the row with the ID `after`. */
export const valuesAfter = (column: EncryptedColumn): string => `
  SELECT id::text AS id, ${column.value} AS value${column.from.map((name) => `, "${name}"`).join("")}
  FROM ${column.table}
  WHERE ${column.value} IS NOT NULL AND ($1::text IS NULL OR id > $1::${column.idType})
  ORDER BY ${column.table}.id LIMIT $2::integer`;

/**
 * Replaces values that are still the ones that were read: a value that somebody has changed is left alone. Rows that others
 * have locked are skipped, so that this statement neither waits nor takes part in a deadlock.
 */
export const replaceUnchanged = (column: EncryptedColumn): string => `
  WITH free AS MATERIALIZED (
    SELECT id FROM ${column.table} WHERE id = ANY($1::${column.idType}[]) FOR NO KEY UPDATE SKIP LOCKED
  )
  UPDATE ${column.table} SET ${column.replace}
  FROM unnest($1::${column.idType}[], $2::text[], $3::text[]) AS given(row_id, old_value, new_value)
  WHERE id = row_id AND row_id IN (SELECT free.id FROM free) AND ${column.value} = old_value`;
