import type pg from "pg";
import { type EncryptedColumn, type EncryptedValue, valuesAfter } from "./encryptedColumn.ts";

type Row = Record<string, string> & { id: string; value: string };

/** All values of a column in batches of at most `size`, read one after the other while others write. */
export async function* encryptedValues(
  pool: Pick<pg.Pool, "query">,
  column: EncryptedColumn,
  size = 200,
): AsyncGenerator<EncryptedValue[]> {
  const text = valuesAfter(column);
  let after: string | null = null;
  for (;;) {
    const { rows }: { rows: Row[] } = await pool.query<Row>(text, [after, size]);
    if (rows.length > 0) yield rows.map((row) => ({ id: row.id, value: row.value, boundTo: column.boundTo(row) }));
    if (rows.length < size) return;
    after = rows.at(-1)?.id ?? null;
  }
}
