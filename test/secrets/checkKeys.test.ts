import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/platform/config/config.ts";
import { startTestApp, testSecret } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";
import { waitForLock } from "../support/waitForLock.ts";

const dropped: TestDatabase[] = [];
afterAll(async () => {
  for (const database of dropped) await database.drop();
});

/** A database that survives the Houston that uses it. */
async function lasting(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  dropped.push(database);
  return { url: database.url, drop: async () => undefined };
}

/** Starts Houston with these keys, runs `work`, and stops it. */
async function started(database: TestDatabase, keys: string[], work?: (app: Started) => Promise<void>) {
  const app = await startTestApp({ encryption: { keys } }, { database });
  try {
    await work?.(app);
  } finally {
    await app.close();
  }
}
type Started = Awaited<ReturnType<typeof startTestApp>>;

const newKey = () => randomBytes(32).toString("hex");

describe("encryption.keys", () => {
  it("S3: that do not open what the database holds stop the start, naming the setting", async () => {
    const database = await lasting();
    await started(database, [testSecret]);
    const attempt = started(database, [newKey()]);
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(
      /encryption\.keys: must contain every key .*1 of 1 missing.*no users yet.*"EncryptionKey"/,
    );
    await started(database, [testSecret]);
  });

  it("can be rotated: a new first key encrypts, and the old one is still needed", async () => {
    const [database, old, next] = [await lasting(), newKey(), newKey()];
    let sealed = "";
    await started(database, [old], async ({ app }) => {
      sealed = app.services.secrets.seal("clear", "row");
    });
    await started(database, [next, old], async ({ app }) => {
      expect(app.services.secrets.open(sealed, "row")).toBe("clear");
    });
    await started(database, [next, old]);
    await expect(started(database, [next])).rejects.toThrow(/encryption\.keys: .*1 of 2 missing/);
    await expect(started(database, [old])).rejects.toThrow(/encryption\.keys: .*1 of 2 missing/);
  });

  it("are the same in another spelling", async () => {
    const [database, key] = [await lasting(), newKey()];
    await started(database, [key]);
    await started(database, [Buffer.from(key, "hex").toString("base64")]);
  });

  it("S3: that differ between two replicas that start together stop one of them", async () => {
    const database = await lasting();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    // Both wait here, so that each would find no key of the other.
    await client.query(`BEGIN; LOCK TABLE "EncryptionKey" IN ACCESS EXCLUSIVE MODE`);
    const starting = Promise.allSettled([started(database, [newKey()]), started(database, [newKey()])]);
    await waitForLock(client, 2);
    await client.query("COMMIT");
    const results = await starting;
    await client.end();
    const rejected = results.filter(({ status }) => status === "rejected");
    expect(rejected).toMatchObject([{ reason: expect.any(ConfigError) }]);
    expect(String((rejected[0] as PromiseRejectedResult).reason)).toMatch(/encryption\.keys: .*1 of 1 missing/);
  });
});
