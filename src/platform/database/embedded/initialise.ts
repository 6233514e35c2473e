import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { PostgresAccount } from "./postgresAccount.ts";

/** The superuser of the embedded database. */
export const USER = "houston";

/**
 * The password of the embedded database, generated on first use and stored in `<folder>/postgres.password` (mode 0600).
 * Throws if the data exists without its password.
 */
export async function passwordIn(folder: string): Promise<string> {
  const file = join(folder, "postgres.password");
  const stored = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (stored?.trim()) return stored.trim();
  if (await exists(join(folder, "postgres"))) {
    throw new Error(
      `${file} is missing or empty: restore it from a backup, because the data next to it needs this password.`,
    );
  }
  const password = randomBytes(24).toString("base64url");
  await writeFile(file, `${password}\n`, { mode: 0o600, flush: true });
  return password;
}

/**
 * Creates an empty PostgreSQL cluster in `data` unless one exists. The cluster is built in a second folder and moved when
 * complete, so a process that is killed in between leaves nothing that a later start would fail on.
 */
export async function initialise(
  cluster: { data: string; initdb: string; password: string; durable: boolean },
  account: PostgresAccount,
): Promise<void> {
  if (await exists(cluster.data)) return;
  const { owner } = account;
  const fresh = `${cluster.data}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  const temporary = await mkdtemp(join(tmpdir(), "houston-initdb-"));
  const passwordFile = join(temporary, "password");
  try {
    await writeFile(passwordFile, cluster.password, { mode: 0o600 });
    if (owner) for (const path of [fresh, temporary, passwordFile]) await chown(path, owner.uid, owner.gid);
    // The built-in locale sorts and changes case the same way on every system.
    const child = account.start(
      cluster.initdb,
      [
        ...["--pgdata", fresh, "--username", USER, "--pwfile", passwordFile, "--auth=scram-sha-256"],
        ...["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        ...["--set", "timezone=UTC", "--no-instructions", ...(cluster.durable ? [] : ["--no-sync"])],
      ],
      ["ignore", "ignore", "pipe"],
    );
    const [output, [code]] = await Promise.all([child.stderr ? text(child.stderr) : "", once(child, "exit")]);
    if (code !== 0) throw new Error(`The embedded PostgreSQL could not create its data folder: ${output.trim()}`);
    await rename(fresh, cluster.data);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
