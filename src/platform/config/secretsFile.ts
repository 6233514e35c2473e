import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { codeOf } from "./codeOf.ts";
import { ConfigError, type Problem } from "./configError.ts";
import { EncryptionKey } from "./identity.ts";
import type { Config } from "./schema.ts";

const Secrets = z.object({ jwtSecret: z.string().min(32), encryptionKeys: z.array(EncryptionKey).min(1) });
export type Secrets = z.output<typeof Secrets>;

/** The file with generated secrets in a data folder. */
export const secretsPath = (dataFolder: string) => join(dataFolder, "secrets.json");

/** The problems of a configuration with `database.url` and without the secrets that all replicas must share. */
const required = (key: string, how: string): Problem => ({
  key,
  message: `required with database.url, the same for all replicas; create one with \`openssl rand -hex 32\` and set ${how}`,
  origin: "DATABASE_URL or database.url",
});
const JWT_SECRET = required("jwt.secret", "JWT__SECRET=<value>");
const ENCRYPTION_KEYS = required("encryption.keys", `ENCRYPTION__KEYS='["<value>"]'`);

/**
 * `config` with `jwt.secret` and `encryption.keys` set. Values that are not configured come from `secrets.json` in
 * `database.dataFolder`. The file is created once, readable by its owner only; processes that start at the same time
 * agree on one file. Throws ConfigError if `database.url` is set, because other replicas would generate their own, and
 * if the file cannot be used or there is a database without it: replacing it would make everything encrypted so far
 * unreadable, and end all sessions.
 */
export async function ensureSecrets(config: Config): Promise<Config> {
  const { jwt, encryption, database } = config;
  const missing = [...(jwt.secret ? [] : [JWT_SECRET]), ...(encryption.keys.length > 0 ? [] : [ENCRYPTION_KEYS])];
  if (missing.length === 0) return config;
  if (database.url !== null) throw new ConfigError(missing);

  const path = secretsPath(database.dataFolder);
  const secrets = (await readSecrets(path)) ?? (await createForNew(path, database.dataFolder));
  return {
    ...config,
    jwt: { ...jwt, secret: jwt.secret ?? secrets.jwtSecret },
    encryption: { keys: encryption.keys.length > 0 ? encryption.keys : secrets.encryptionKeys },
  };
}

/** The secrets in the file; undefined if there is none. Throws ConfigError if it cannot be used. */
export async function readSecrets(path: string): Promise<Secrets | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unusable(path, `cannot be read: ${codeOf(error)}`);
  }
  try {
    return Secrets.parse(JSON.parse(text));
  } catch {
    throw unusable(path, "does not contain the secrets that Houston stored in it; restore it from a backup");
  }
}

/** Creates the file unless the folder contains the database of an earlier one. */
async function createForNew(path: string, folder: string): Promise<Secrets> {
  const database = join(folder, "postgres");
  if (!(await exists(database))) return create(path, folder);
  const created = await readSecrets(path);
  if (created) return created;
  throw unusable(
    path,
    `is missing, but there is a database in ${database} that needs its secrets; restore it from a backup`,
  );
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Creates the file, or reads the one that another process created first. */
async function create(path: string, folder: string): Promise<Secrets> {
  const secrets: Secrets = {
    jwtSecret: randomBytes(48).toString("base64url"),
    encryptionKeys: [randomBytes(32).toString("base64")],
  };
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeNew(draft, textOf(secrets));
    try {
      // A link appears with its complete content and never replaces an existing file.
      await link(draft, path);
    } finally {
      await unlink(draft);
    }
    await sync(folder);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw unusable(path, `cannot be created: ${codeOf(error)}`);
  }
  const created = await readSecrets(path);
  if (!created) throw unusable(path, "was removed while Houston was starting");
  return created;
}

/** Replaces the content of the file, which keeps its owner. At every moment, there is a complete file. */
export async function replaceSecrets(path: string, secrets: Secrets): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeNew(draft, textOf(secrets), await stat(path));
    await rename(draft, path);
    await sync(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw unusable(path, `cannot be written: ${codeOf(error)}`);
  }
}

const textOf = (secrets: Secrets) => `${JSON.stringify(secrets, null, 2)}\n`;

async function writeNew(path: string, content: string, owner?: { uid: number; gid: number }) {
  const file = await open(path, "wx", 0o600);
  try {
    if (owner) await file.chown(owner.uid, owner.gid);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new directory entry survive a power failure, because rows encrypted with its keys do. */
async function sync(folder: string) {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

function unusable(path: string, what: string) {
  const message = `${path} ${what}. Alternatively, set jwt.secret and encryption.keys`;
  return new ConfigError([{ key: "jwt.secret, encryption.keys", message, origin: "database.dataFolder" }]);
}
