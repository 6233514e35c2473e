import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll } from "vitest";
import { connect, type PoolSettings } from "../../src/database/connect.ts";
import { createTestDatabase } from "./db.ts";

/** A lane that broke leaves all to others for a second. */
export const rested = () => sleep(1_100);

/** A database of its own for a test file, and Houston's connections to it. */
export async function testConnection(settings: PoolSettings) {
  const database = await createTestDatabase();
  const connected = (url = database.url, other = settings) => connect(url, other, pino({ level: "silent" }));
  const houston = connected();
  afterAll(async () => {
    await houston.close();
    await database.drop();
  });
  return { url: database.url, houston, connected };
}
