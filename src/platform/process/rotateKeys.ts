import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import type { Logger } from "pino";
import type { PrismaClient } from "../../generated/prisma/client.ts";
import { fromJob } from "../audit/origin.ts";
import { type Author, recordAudit } from "../audit/recordAudit.ts";
import { type Config, ensureSecrets } from "../config/config.ts";
import { readSecrets, replaceSecrets, secretsPath } from "../config/secretsFile.ts";
import { connect } from "../database/connect.ts";
import { startEmbedded } from "../database/embedded/embedded.ts";
import { openDatabase } from "../database/embedded/openDatabase.ts";
import { databaseCode } from "../errors/databaseCode.ts";
import { checkKeys, checkValueOf } from "../secrets/checkKeys.ts";
import type { EncryptedColumn } from "../secrets/encryptedColumn.ts";
import { type Reencrypted, reencrypt } from "../secrets/reencrypt.ts";
import { secretBox } from "../secrets/secretBox.ts";
import { progressLines, resultText } from "./rotationText.ts";

interface Options {
  /** Generate a new key in `secrets.json` first. */
  generate: boolean;
  /** Receives lines for the operator. */
  print(text: string): void;
}

/**
 * Encrypts every value in `columns` under the first of `encryption.keys`, also while Houston runs, and prints the result.
 * Returns true if no other key is needed any more; these may then be removed from the configuration. Throws an error for
 * the operator.
 */
export async function rotateKeys(
  config: Config,
  log: Logger,
  columns: readonly EncryptedColumn[],
  { generate, print }: Options,
): Promise<boolean> {
  if (generate) return rotateGenerated(config, log, columns, print);
  const { encryption } = await ensureSecrets(config);
  const database = await openDatabase(config.database, log);
  try {
    return await withDatabase(database.url, config, log, async (open) => {
      await assertInUse(open.pool, encryption.keys);
      const result = await rotate(open, encryption.keys, columns, print);
      print(resultText(result, encryption.keys.length));
      return isComplete(result);
    });
  } finally {
    await database.close();
  }
}

/** The same with a new key in `secrets.json`, which contains it alone afterwards, while Houston is stopped. */
async function rotateGenerated(
  config: Config,
  log: Logger,
  columns: readonly EncryptedColumn[],
  print: Options["print"],
): Promise<boolean> {
  if (config.encryption.keys.length > 0 || config.database.url !== null)
    throw new Error("--generate: is for keys in secrets.json; write your new key at the start of encryption.keys");
  await ensureSecrets(config);
  const { dataFolder } = config.database;
  const path = secretsPath(dataFolder);
  // Fails while Houston, which would not know the new key, uses the folder.
  const embedded = await startEmbedded({ folder: dataFolder, patience: 1_000, log });
  try {
    return await withDatabase(embedded.url, config, log, async (open) => {
      const stored = await readSecrets(path);
      if (!stored) throw new Error(`${path} was removed`);
      const keys = [randomBytes(32).toString("base64"), ...stored.encryptionKeys];
      // A rotation that is interrupted leaves the old keys in the file.
      await replaceSecrets(path, { ...stored, encryptionKeys: keys });
      await checkKeys(open.pool, keys, columns);
      const result = await rotate(open, keys, columns, print);
      if (isComplete(result)) await replaceSecrets(path, { ...stored, encryptionKeys: keys.slice(0, 1) });
      print(resultText(result, keys.length, path));
      return isComplete(result);
    });
  } finally {
    await embedded.stop();
  }
}

interface Open {
  pool: pg.Pool;
  db: PrismaClient;
}

async function withDatabase<T>(url: string, config: Config, log: Logger, work: (open: Open) => Promise<T>): Promise<T> {
  const { close, ...open } = connect(url, { ...config.database.pool, max: 2 }, log);
  return work(open).finally(close);
}

const isComplete = ({ remaining, unreadable }: Reencrypted) => remaining === 0 && unreadable.length === 0;

/** PostgreSQL knows no such table or column. */
const OLDER = new Set(["42P01", "42703"]);

/** Replicas that do not know the first key could not read what it encrypts, so one of them must have started with it. */
async function assertInUse(pool: Open["pool"], keys: readonly string[]): Promise<void> {
  const known = 'SELECT "retiredAt" FROM "EncryptionKey" WHERE id = $1';
  const { rows } = await pool.query(known, [checkValueOf(keys[0] ?? "")]).catch((error) => {
    if (OLDER.has(databaseCode(error) ?? ""))
      throw new Error("the database is older than this Houston: start Houston or run `npm start -- migrate` first");
    throw error;
  });
  if (rows.length === 0)
    throw new Error(
      "encryption.keys: no Houston has started with this first key yet; restart all replicas with the same keys first",
    );
}

/** Re-encrypts, and records beginning and end in the audit log. Marks the other keys as retired if none is needed. */
async function rotate(
  { pool, db }: Open,
  keys: readonly string[],
  columns: readonly EncryptedColumn[],
  print: Options["print"],
): Promise<Reencrypted> {
  const first = checkValueOf(keys[0] ?? "");
  const author: Author = {
    caller: { kind: "job", id: "rotateKeys" },
    requestId: `rotateKeys:${randomUUID()}`,
    origin: fromJob,
  };
  const change = { entityType: "EncryptionKey", entityId: first };
  const begun = { ...change, action: "rotateKeys", detail: { step: "begun", keys: keys.length } };
  await db.$transaction((tx) => recordAudit(author, tx, begun));
  const result = await reencrypt(pool, secretBox(keys), columns, progressLines(print));
  const { changed, remaining, unreadable } = result;
  await db.$transaction(async (tx) => {
    const retired = { where: { id: { not: first } }, data: { retiredAt: new Date() } };
    if (isComplete(result)) await tx.encryptionKey.updateMany(retired);
    const detail = { step: "ended", changed, remaining, unreadable: unreadable.length };
    await recordAudit(author, tx, { ...change, action: "rotateKeys", detail });
  });
  return result;
}
