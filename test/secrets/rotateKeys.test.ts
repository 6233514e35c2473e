import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError, configFrom } from "../../src/platform/config/config.ts";
import { connect } from "../../src/platform/database/connect.ts";
import { rotateKeys } from "../../src/platform/process/rotateKeys.ts";
import { reencrypt } from "../../src/platform/secrets/reencrypt.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { kubeconfigSecretOf } from "../../src/services/provisioning/clusters/connections.ts";
import { newReleaseKeys, openReleaseKeys } from "../../src/services/provisioning/reconcile/releaseKeys.ts";
import { idTokenOf, sealIdToken } from "../../src/services/signOn/idToken.ts";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { encryptedPlaces } from "../support/databaseDump.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";
import { secretPlaceSettings, secretPlaces } from "../support/secretPlaces.ts";

const log = pino({ level: "silent" });
const newKey = () => randomBytes(32).toString("hex");

/** Starts Houston with these keys, runs `work`, and stops it. The database stays. */
async function running<T>(database: TestDatabase, keys: string[], work: (app: Started) => Promise<T>): Promise<T> {
  const kept = { url: database.url, drop: async () => undefined };
  const app = await startTestApp({ ...secretPlaceSettings, encryption: { keys } }, { database: kept });
  return work(app).finally(app.close);
}
type Started = Awaited<ReturnType<typeof startTestApp>>;

const starts = (database: TestDatabase, keys: string[]) => running(database, keys, async () => undefined);

/** `rotate-keys` with these keys: whether it is complete, and what it prints. */
async function rotate({ url }: TestDatabase, keys: string[]) {
  const lines: string[] = [];
  const options = { generate: false, print: (text: string) => void lines.push(text) };
  const secrets = { jwt: { secret: newKey() }, encryption: { keys } };
  const complete = await rotateKeys(configFrom({ ...secrets, database: { url } }), log, encryptedColumns, options);
  return { complete, output: lines.join("\n") };
}

/** A database with a secret in every place, written under the key `old`, and Houston has started with `next` first. */
async function scene({ sets = 1 } = {}) {
  const [database, old, next] = [await createTestDatabase(), newKey(), newKey()];
  const config = configFrom({ jwt: { secret: newKey() } });
  const { db, pool, close } = connect(database.url, config.database.pool, log);
  afterAll(async () => {
    await close();
    await database.drop();
  });
  const places = await running(database, [old], async (app) => {
    const build = createBuild(db, app.config);
    // Two keys, of the authority and for tokens, as soon as one is needed.
    await app.app.services.signingKeys.current();
    const made = [];
    for (let n = 0; n < sets; n += 1) made.push(await secretPlaces(db, build));
    for (const place of made.flat()) await place.write(app.url);
    const setupTokenEncrypted = app.app.services.secrets.seal("set-up", "Platform.setupToken");
    await db.platform.updateMany({ data: { setupTokenEncrypted } });
    const user = { create: { username: "signed-in", status: "active" } } as const;
    const { id } = await db.session.create({
      data: { user, provider: "custom", expiresAt: new Date(Date.now() + 3_600_000) },
    });
    await db.session.update({
      where: { id },
      data: { idTokenEncrypted: sealIdToken(app.app.services, id, "ID token") },
    });
    const box = app.app.services.secrets;
    const { id: clusterId } = await db.cluster.findFirstOrThrow();
    const kubeconfig = box.seal("a kubeconfig", kubeconfigSecretOf(clusterId));
    await db.cluster.update({ where: { id: clusterId }, data: { kubeconfig } });
    const release = { id: "provisioned", clusterId, releaseName: "quiet-comet-1", namespace: "blue" };
    await db.provision.create({ data: { ...release, keys: newReleaseKeys(box, release.id) } });
    return made;
  });
  await starts(database, [next, old]);
  const placeOf = (column: string) => {
    const found = places.flat().find((one) => one.column === column);
    if (!found) throw new Error(`no place in ${column}`);
    return found;
  };
  return { database, db, pool, old, next, places, placeOf };
}

/** `pool`, with something that happens before every statement that replaces values. */
const interfering = (pool: pg.Pool, happens: (n: number) => Promise<unknown>) => {
  let n = 0;
  const query = async (text: string, values: unknown[]) => {
    if (text.includes("UPDATE")) {
      n += 1;
      await happens(n);
    }
    return pool.query(text, values);
  };
  return { query } as unknown as pg.Pool;
};

// Each starts several Houstons.
describe("rotate-keys", { timeout: 120_000 }, () => {
  it("S4: re-encrypts every value while two Houstons write, and loses none", async () => {
    const { database, db, pool, old, next, places } = await scene({ sets: 4 });
    const written = new Map<(typeof places)[number][number], string>();
    const { complete, output, writes } = await running(database, [next, old], (one) =>
      running(database, [next, old], async (other) => {
        let [stopped, writes] = [false, 0];
        const writers = places.map(async (mine, n) => {
          while (!stopped || writes < 30) {
            for (const place of mine) {
              written.set(place, await place.write([one, other][n % 2]?.url ?? ""));
              writes += 1;
            }
          }
        });
        await sleep(100);
        const result = await rotate(database, [next, old]);
        stopped = true;
        await Promise.all(writers);
        return { ...result, writes };
      }),
    );
    expect(complete, output).toBe(true);
    expect(output).toContain("Under other keys than the first one: 0\nRemove the second key from encryption.keys");
    expect(writes).toBeGreaterThanOrEqual(30);
    await running(database, [next], async ({ app }) => {
      const { secrets } = app.services;
      for (const [place, secret] of written) expect(await place.read(secrets), place.column).toBe(secret);
      const platform = await db.platform.findFirstOrThrow();
      expect(secrets.open(platform.setupTokenEncrypted ?? "", "Platform.setupToken")).toBe("set-up");
      const { id } = await db.session.findFirstOrThrow({ where: { provider: "custom" } });
      expect(await idTokenOf({ db, secrets }, id)).toBe("ID token");
      const { id: clusterId, kubeconfig } = await db.cluster.findFirstOrThrow();
      expect(secrets.open(kubeconfig ?? "", kubeconfigSecretOf(clusterId))).toBe("a kubeconfig");
      const { keys } = await db.provision.findFirstOrThrow();
      expect(openReleaseKeys(secrets, "provisioned", keys ?? "").fernetKey).toMatch(/^[\w-]{43}=$/);
      expect((await app.services.signingKeys.current()).privateKey.asymmetricKeyType).toBe("rsa");
    });
    expect(await encryptedPlaces(pool)).toEqual(encryptedColumns.map(({ name }) => name).sort());
    const entries = await db.auditEntry.findMany({ where: { action: "rotateKeys" }, orderBy: { sequence: "asc" } });
    const common = { actor: "job:rotateKeys", via: "job", entityType: "EncryptionKey", outcome: "DONE" };
    expect(entries).toMatchObject([
      { ...common, detail: { step: "begun", keys: 2 } },
      { ...common, detail: { step: "ended", changed: expect.any(Number), remaining: 0, unreadable: 0 } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(old);
  });

  it("S4: never replaces a value that was changed after it was read", async () => {
    const { database, pool, old, next, places } = await scene();
    await running(database, [next, old], async ({ url, app }) => {
      const box = secretBox([next, old]);
      for (const place of places.flat()) {
        let secret = "";
        const columns = encryptedColumns.filter(({ name }) => name === place.column);
        const racing = interfering(pool, async (n) => {
          if (n === 1) secret = await place.write(url);
        });
        expect(await reencrypt(racing, box, columns)).toMatchObject({ remaining: 0, unreadable: [] });
        expect(secret).not.toBe("");
        expect(await place.read(app.services.secrets), place.column).toBe(secret);
      }
    });
  });

  it("S4: neither waits for rows that others have locked nor forgets them", async () => {
    const { pool, old, next, placeOf } = await scene();
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query('SELECT FROM "Connection" FOR UPDATE');
    let changed: number[] = [];
    const rotation = reencrypt(pool, secretBox([next, old]), encryptedColumns, (name, _values, count) => {
      if (name === "Connection.details") changed = [...changed, count];
    });
    await expect.poll(() => changed).toEqual([0, 0]);
    await client.query("COMMIT");
    client.release();
    expect(await rotation).toMatchObject({ remaining: 0 });
    expect(await placeOf("Connection.details").read(secretBox([next]))).toMatch(/^secret-/);
  });

  it("S4: goes on where it was interrupted", async () => {
    const { database, pool, old, next, places } = await scene();
    const broken = interfering(pool, async (n) => {
      if (n === 3) throw new Error("interrupted");
    });
    await expect(reencrypt(broken, secretBox([next, old]), encryptedColumns)).rejects.toThrow("interrupted");
    await expect(starts(database, [next])).rejects.toThrow(/encryption\.keys: must contain every key/);
    const { complete, output } = await rotate(database, [next, old]);
    expect(complete).toBe(true);
    expect(output).toContain(`${encryptedColumns.length + 1 - 2} were encrypted again`);
    for (const place of places.flat()) expect(await place.read(secretBox([next]))).not.toBe("");
  });

  it("S4: names the row of a value that cannot be decrypted, not the value, and keeps the keys", async () => {
    const { database, db, old, next, placeOf } = await scene();
    const place = placeOf("Connection.details");
    const sealed = await place.sealed();
    const other = secretBox([newKey()]).seal("{}", "Connection:x");
    const { id } = await db.connection.findFirstOrThrow();
    await db.connection.update({ where: { id }, data: { details: other } });
    const { complete, output } = await rotate(database, [next, old]);
    expect(complete).toBe(false);
    expect(output).toContain(`1 values cannot be decrypted with any key:\n  Connection.details of ${id}\n`);
    expect(output).toContain("Do not remove a key until then");
    expect(output).not.toContain(other.slice(3, 20));
    await expect(starts(database, [next])).rejects.toThrow(ConfigError);
    await db.connection.update({ where: { id }, data: { details: sealed } });
    expect(await rotate(database, [next, old])).toMatchObject({ complete: true });
    await starts(database, [next]);
  });

  it("S4: says so if somebody still writes under another key, and keeps the keys", async () => {
    const { pool, old, next, db } = await scene();
    const { id } = await db.connection.findFirstOrThrow();
    const busy = interfering(pool, () =>
      pool.query('UPDATE "Connection" SET details = $1', [secretBox([old]).seal("{}", `Connection:${id}`)]),
    );
    const columns = encryptedColumns.filter(({ name }) => name === "Connection.details");
    expect(await reencrypt(busy, secretBox([next, old]), columns)).toMatchObject({ remaining: 1, changed: 0 });
  });

  it("S4: lets Houston start without the old key, unless a value was written under it afterwards", async () => {
    const { database, db, old, next } = await scene();
    await rotate(database, [next, old]);
    const { id } = await db.connection.findFirstOrThrow();
    // As a Houston does that was not restarted with the new key.
    await db.connection.update({ where: { id }, data: { details: secretBox([old]).seal("{}", `Connection:${id}`) } });
    const attempt = starts(database, [next]);
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(`encryption.keys: must contain the key of Connection.details of ${id}`);
    await starts(database, [next, old]);
    expect(await rotate(database, [next, old])).toMatchObject({ complete: true });
    await starts(database, [next]);
    expect(await db.encryptionKey.findMany()).toMatchObject([{ retiredAt: null }]);
    const { complete, output } = await rotate(database, [next]);
    expect({ complete, output }).toMatchObject({ complete: true, output: expect.stringContaining("none to remove") });
  });

  it("S4: needs the old key again once a Houston has started with it first", async () => {
    const { database, old, next } = await scene();
    await rotate(database, [next, old]);
    await starts(database, [old, next]);
    await expect(starts(database, [next])).rejects.toThrow(/1 of 2 missing/);
  });

  it("does not encrypt under a key that no Houston has started with", async () => {
    const { database, old, next } = await scene();
    await expect(rotate(database, [newKey(), next, old])).rejects.toThrow(/no Houston has started with this first key/);
  });
});
