import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll } from "vitest";
import { batchConnections, createBatchRunners } from "../../src/fastPath/batching/batchRunners.ts";
import { connect, type PoolSettings } from "../../src/platform/database/connect.ts";
import { createTestDatabase } from "./db.ts";

/** Waits until a connection that failed accepts batches again, which takes a second. */
export const waitForBackOff = () => sleep(1_100);

/** A new database for a test file, and Houston's connections to it: the pool and the batch runners. */
export async function testConnection(settings: PoolSettings) {
  const database = await createTestDatabase();
  const connected = (url = database.url, other = settings) => {
    const { readers, writers } = batchConnections(other);
    const { pool, close } = connect(url, { ...other, max: other.max - readers - writers }, pino({ level: "silent" }));
    const runners = createBatchRunners(url, other, pool);
    return {
      ...runners,
      pool,
      async close() {
        await runners.close();
        await close();
      },
    };
  };
  const houston = connected();
  afterAll(async () => {
    await houston.close();
    await database.drop();
  });
  return { url: database.url, houston, connected };
}
