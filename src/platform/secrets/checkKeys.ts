import { createHmac } from "node:crypto";
import type pg from "pg";
import { ConfigError } from "../config/config.ts";
import { keyBytes } from "./secretBox.ts";

/** Recognizes a key without revealing it: an HMAC under 32 random bytes cannot be reversed. */
const checkValueOf = (key: string) =>
  createHmac("sha256", keyBytes(key)).update("houston encryption key").digest("base64url");

/**
 * Checks that `keys` (`encryption.keys`) contains every key that has been the first one for this database, and records
 * the first one, which encrypts from now on. One of several replicas at a time. Throws ConfigError if a key is missing.
 */
export async function checkKeys(pool: Pick<pg.Pool, "connect">, keys: readonly string[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query('LOCK TABLE "EncryptionKey" IN SHARE ROW EXCLUSIVE MODE');
    await checkIn(client, keys.map(checkValueOf));
    await client.query("COMMIT");
    client.release();
  } catch (error) {
    // Ends the transaction with the connection.
    client.release(true);
    throw error;
  }
}

async function checkIn(client: pg.ClientBase, ours: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM "EncryptionKey"');
  const missing = rows.filter(({ id }) => !ours.includes(id)).length;
  if (missing > 0) {
    const { rows: users } = await client.query('SELECT FROM "User" LIMIT 1');
    const unused =
      users.length === 0 ? '; as this one has no users yet, you can also empty its table "EncryptionKey"' : "";
    const message =
      `must contain every key that has been the first one for this database; ${missing} of ${rows.length} missing. ` +
      `Restore the missing keys after the first one, or use the database that belongs to these keys${unused}`;
    throw new ConfigError([{ key: "encryption.keys", message, origin: "ENCRYPTION__KEYS, a file, or secrets.json" }]);
  }
  await client.query('INSERT INTO "EncryptionKey" (id) VALUES ($1) ON CONFLICT (id) DO NOTHING', [ours[0]]);
}
