import { createHmac } from "node:crypto";
import type pg from "pg";
import { ConfigError } from "../config/config.ts";
import type { EncryptedColumn } from "./encryptedColumn.ts";
import { encryptedValues } from "./encryptedValues.ts";
import { keyBytes, secretBox } from "./secretBox.ts";

type Pool = Pick<pg.Pool, "connect" | "query">;

/** Recognizes a key without revealing it: an HMAC under 32 random bytes cannot be reversed. */
export const checkValueOf = (key: string) =>
  createHmac("sha256", keyBytes(key)).update("houston encryption key").digest("base64url");

/**
 * Checks that `keys` (`encryption.keys`) contains every key that has been the first one for this database, and records
 * the first one, which encrypts from now on. One of several replicas at a time. A key that `rotate-keys` has retired may
 * be missing: its first absence is accepted once every value in `columns` can be decrypted. Throws ConfigError otherwise.
 */
export async function checkKeys(
  pool: Pool,
  keys: readonly string[],
  columns: readonly EncryptedColumn[],
): Promise<void> {
  const removed = await recordFirst(pool, keys, []);
  if (removed.length === 0) return;
  // Without the lock, for which other replicas would wait.
  await assertReadable(pool, keys, columns);
  await recordFirst(pool, keys, removed);
}

/**
 * Records the first key, and forgets `removed`. If retired keys are missing that are not among `removed`, returns them
 * and changes nothing.
 */
async function recordFirst(pool: Pool, keys: readonly string[], removed: readonly string[]): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query('LOCK TABLE "EncryptionKey" IN SHARE ROW EXCLUSIVE MODE');
    const missing = await retiredMissing(client, keys.map(checkValueOf));
    const unchecked = missing.filter((id) => !removed.includes(id));
    if (unchecked.length === 0) {
      await client.query('DELETE FROM "EncryptionKey" WHERE id = ANY($1)', [missing]);
      await client.query(
        'INSERT INTO "EncryptionKey" (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET "retiredAt" = NULL',
        [checkValueOf(keys[0] ?? "")],
      );
    }
    await client.query("COMMIT");
    client.release();
    return unchecked;
  } catch (error) {
    // Ends the transaction with the connection.
    client.release(true);
    throw error;
  }
}

/** The retired keys that are missing. Throws if another one is. */
async function retiredMissing(client: pg.ClientBase, ours: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string; retired: boolean }>(
    'SELECT id, "retiredAt" IS NOT NULL AS retired FROM "EncryptionKey"',
  );
  const missing = rows.filter(({ id }) => !ours.includes(id));
  const needed = missing.filter(({ retired }) => !retired).length;
  if (needed > 0) {
    const { rows: users } = await client.query('SELECT FROM "User" LIMIT 1');
    const unused =
      users.length === 0 ? '; as this one has no users yet, you can also empty its table "EncryptionKey"' : "";
    throw wrongKeys(
      `must contain every key that has been the first one for this database; ${needed} of ${rows.length} missing. ` +
        `Restore the missing keys after the first one, or use the database that belongs to these keys${unused}`,
    );
  }
  return missing.map(({ id }) => id);
}

/** Throws if a value was written under the removed key after the rotation. */
async function assertReadable(pool: Pool, keys: readonly string[], columns: readonly EncryptedColumn[]): Promise<void> {
  const box = secretBox(keys);
  for (const column of columns) {
    for await (const batch of encryptedValues(pool, column)) {
      for (const { id, value, boundTo } of batch) {
        try {
          box.open(value, boundTo);
        } catch {
          throw wrongKeys(
            `must contain the key of ${column.name} of ${id}, which was written after the last rotation. ` +
              "Restore the removed key after the first one, and rotate again",
          );
        }
      }
    }
  }
}

const wrongKeys = (message: string) =>
  new ConfigError([{ key: "encryption.keys", message, origin: "ENCRYPTION__KEYS, a file, or secrets.json" }]);
