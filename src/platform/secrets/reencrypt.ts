import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { type EncryptedColumn, type EncryptedValue, replaceUnchanged } from "./encryptedColumn.ts";
import { encryptedValues } from "./encryptedValues.ts";
import type { SecretBox } from "./secretBox.ts";

/** What a rotation did. */
export interface Reencrypted {
  /** Values that are encrypted, by the name of their column. */
  values: ReadonlyMap<string, number>;
  /** How many of them were encrypted again. */
  changed: number;
  /** Values that the last pass found under another key. 0 unless somebody still writes under it. */
  remaining: number;
  /** Values that no key decrypts, by column and ID: "Connection.details of cm1…". */
  unreadable: readonly string[];
}

/**
 * Passes over all values until one finds none under another key. More than one is needed for rows that were locked or
 * changed meanwhile; more than ten, if somebody keeps writing under another key.
 */
const MAX_PASSES = 10;
/** Milliseconds before the next pass, for transactions that hold rows. */
const PAUSE = 200;

/**
 * Encrypts every value in `columns` under the first key of `box`, while others read and write, and reports each batch to
 * `progress`. A value that is changed meanwhile is never overwritten. May be interrupted and run again.
 */
export async function reencrypt(
  pool: Pick<pg.Pool, "query">,
  box: SecretBox,
  columns: readonly EncryptedColumn[],
  progress: (column: string, values: number, changed: number) => void = () => undefined,
): Promise<Reencrypted> {
  let changed = 0;
  for (let pass = 1; ; pass += 1) {
    const values = new Map<string, number>();
    const unreadable: string[] = [];
    let remaining = 0;
    for (const column of columns) {
      let [read, replaced] = [0, 0];
      for await (const batch of encryptedValues(pool, column)) {
        const { old, failed } = sort(box, batch);
        replaced += old.length > 0 ? await replace(pool, column, old) : 0;
        // Also those that were replaced: only a pass that finds none proves that there are none.
        remaining += old.length;
        unreadable.push(...failed.map(({ id }) => `${column.name} of ${id}`));
        read += batch.length;
        progress(column.name, read, replaced);
      }
      values.set(column.name, read);
      changed += replaced;
    }
    if (remaining === 0 || pass === MAX_PASSES) return { values, changed, remaining, unreadable };
    await sleep(PAUSE);
  }
}

/** The values under other keys with their replacements, and those that no key decrypts. */
function sort(box: SecretBox, batch: readonly EncryptedValue[]) {
  const old: (EncryptedValue & { next: string })[] = [];
  const failed: EncryptedValue[] = [];
  for (const one of batch) {
    try {
      const next = box.reseal(one.value, one.boundTo);
      if (next !== undefined) old.push({ ...one, next });
    } catch {
      failed.push(one);
    }
  }
  return { old, failed };
}

/** Returns how many were replaced. */
async function replace(
  pool: Pick<pg.Pool, "query">,
  column: EncryptedColumn,
  old: readonly (EncryptedValue & { next: string })[],
): Promise<number> {
  const { rowCount } = await pool.query(replaceUnchanged(column), [
    old.map(({ id }) => id),
    old.map(({ value }) => value),
    old.map(({ next }) => next),
  ]);
  return rowCount ?? 0;
}
