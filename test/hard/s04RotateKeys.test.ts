import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, expect, it, vi } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { connect } from "../../src/platform/database/connect.ts";
import type { EncryptedValue } from "../../src/platform/secrets/encryptedColumn.ts";
import { encryptedValues } from "../../src/platform/secrets/encryptedValues.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { testSecret } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { createTestDatabase } from "../support/db.ts";
import { figures } from "../support/figures.ts";
import { replicasOn } from "../support/replicas.ts";
import { secretPlaces } from "../support/secretPlaces.ts";

const WRITERS = 8;
/** Variables that nobody changes: enough for batches of every size, written under the old key. */
const QUIET = 20_000;

const [old, next] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
const database = await createTestDatabase();
const config = configFrom({ jwt: { secret: testSecret } });
const { db, pool, close } = connect(database.url, config.database.pool, pino({ level: "silent" }));
afterAll(async () => {
  await close();
  await database.drop();
});
const settings = {
  DEPLOYMENTS__GIT_SYNC_DAG_DEPLOYMENT: "true",
  DEPLOYMENTS__ENABLE_UPDATE_DEPLOYMENT_IMAGE_ENDPOINT: "true",
  EMAIL__ENABLED: "true",
  EMAIL__SMTP_URL: "smtp://127.0.0.1:1",
  AUTH__LOCAL__LIMITS__MAILS_PER_ADDRESS: "1000000",
};
const keys = (...list: string[]) => ({ ...settings, ENCRYPTION__KEYS: JSON.stringify(list) });
const [before] = await replicasOn(database.url, 1, keys(old));
const replicas = await replicasOn(database.url, 2, keys(next, old));
const [after] = await replicasOn(database.url, 1, keys(next));

/** `npm start -- rotate-keys`; `killOnce`: kills it when that is resolved. */
async function rotate(killOnce?: () => Promise<unknown>) {
  const child = spawn(process.execPath, ["src/main.ts", "rotate-keys"], {
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, JWT__SECRET: testSecret, ...keys(next, old) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  const closed = once(child, "close");
  if (killOnce) {
    await killOnce();
    child.kill("SIGKILL");
  }
  const [code] = await closed;
  return { code, output };
}

/** How many values cannot be read with the new key alone. */
async function underOld(): Promise<number> {
  const box = secretBox([next]);
  const fails = ({ value, boundTo }: EncryptedValue) => {
    try {
      box.open(value, boundTo);
      return false;
    } catch {
      return true;
    }
  };
  let count = 0;
  for (const column of encryptedColumns)
    for await (const batch of encryptedValues(pool, column)) count += batch.filter(fails).length;
  return count;
}

it("S4: keys are rotated while two Houston processes write, also after a kill -9, and no value is lost", {
  timeout: 400_000,
}, async () => {
  if (!before || !after) throw new Error("no process");
  await before.start();
  const build = createBuild(db, config);
  const places = [];
  for (let n = 0; n < WRITERS; n += 1) places.push(await secretPlaces(db, build));
  const written = new Map<(typeof places)[number][number], string>();
  for (const place of places.flat()) written.set(place, await place.write(before.url));
  const box = secretBox([old]);
  const { deployment } = await build.deployment();
  const quiet = Array.from({ length: QUIET }, (_, n) => ({
    ...{ deploymentId: deployment.id, key: `QUIET_${n}`, isSecret: true },
    value: box.seal(`quiet ${n}`, `EnvironmentVariable:${deployment.id}:QUIET_${n}`),
  }));
  for (let n = 0; n < QUIET; n += 2_000) await db.environmentVariable.createMany({ data: quiet.slice(n, n + 2_000) });
  await before.stop();

  await Promise.all(replicas.map((replica) => replica.start()));
  let [stopped, writes] = [false, 0];
  const failures: unknown[] = [];
  const writers = places.map(async (mine, n) => {
    while (!stopped) {
      for (const place of mine) {
        await place.write(replicas[n % 2]?.url ?? "").then(
          (secret) => {
            written.set(place, secret);
            writes += 1;
          },
          (error) => failures.push(error),
        );
      }
    }
  });
  const began = performance.now();
  // The 3,000th of them is encrypted again: in the middle of the work, however slow the machine is.
  const [middle] = await db.environmentVariable.findMany({
    where: { deploymentId: deployment.id },
    orderBy: { id: "asc" },
    skip: 3_000,
    take: 1,
  });
  const reached = () =>
    vi.waitFor(
      async () => {
        const { value } = await db.environmentVariable.findUniqueOrThrow({ where: { id: middle?.id ?? "" } });
        if (value === middle?.value) throw new Error("not yet encrypted again");
      },
      { timeout: 60_000, interval: 5 },
    );
  expect((await rotate(reached)).code).toBe(null);
  const interrupted = await underOld();
  const { code, output } = await rotate();
  const took = performance.now() - began;
  await sleep(1_000);
  stopped = true;
  await Promise.all(writers);
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining("other keys than the first one: 0\n"),
  });
  expect(failures).toEqual([]);
  await Promise.all(replicas.map((replica) => replica.stop()));

  await after.start();
  const reader = secretBox([next]);
  let lost = 0;
  for (const [place, secret] of written) if ((await place.read(reader)) !== secret) lost += 1;
  const rows = await db.environmentVariable.findMany({ where: { deploymentId: deployment.id } });
  const context = (key: string) => `EnvironmentVariable:${deployment.id}:${key}`;
  for (const { key, value } of rows)
    if (reader.open(value, context(key)) !== key.replace("QUIET_", "quiet ")) lost += 1;
  figures("S4", {
    values: QUIET + written.size,
    "writes meanwhile": writes,
    "under the old key after the kill": interrupted,
    "rotation ms": took,
    lost,
  });
  expect(rows).toHaveLength(QUIET);
  expect(interrupted).toBeGreaterThan(0);
  expect(interrupted).toBeLessThan(QUIET);
  expect(writes).toBeGreaterThan(100);
  expect(lost).toBe(0);
});
