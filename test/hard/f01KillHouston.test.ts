import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, expect, it } from "vitest";
import { figures } from "../support/figures.ts";
import { firstUser } from "../support/firstUser.ts";
import { dataFolder, houstonProcess } from "../support/houstonProcess.ts";
import { inTime, quickEnough } from "../support/inTime.ts";
import { shortened } from "../support/shortened.ts";
import { withTemporaryPostgres } from "../support/temporaryPostgres.ts";
import { lostWrites, writeLoad } from "../support/writeLoad.ts";

const RUNS = shortened(3, 1);
const KILLS = shortened(10, 4);
/** Ten kills in a minute, in milliseconds. */
const INTERVAL = 6_000;
const cleanup: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

const runs = Array.from({ length: RUNS }, (_, n) => n + 1);
it.each(runs)(
  "F1: kill -9 of Houston under load loses no acknowledged write and leaves none half done (run %i)",
  {
    timeout: 400_000,
  },
  async () => {
    const folder = await dataFolder();
    cleanup.push(folder.remove);
    // Durable, as in production: fsync is on.
    const postgres = await withTemporaryPostgres(pino({ level: "silent" }), { durable: true }, async (one) => one);
    cleanup.push(postgres.stop);
    const secret = () => randomBytes(32).toString("hex");
    const houston = await houstonProcess({
      DATABASE_URL: postgres.url,
      DATABASE__DATA_FOLDER: folder.path,
      JWT__SECRET: secret(),
      ENCRYPTION__KEYS: JSON.stringify([secret()]),
    });
    cleanup.push(() => houston.stop("SIGKILL"));
    await houston.start();
    const token = await firstUser(houston.url);
    const load = writeLoad(houston.url, token);
    const restarts: number[] = [];
    const began = performance.now();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await load.next();
      await sleep(Math.max(500, began + kill * INTERVAL - performance.now() + Math.random() * 2_000));
      expect(await houston.stop("SIGKILL")).toBe(null);
      restarts.push(await houston.start(120_000));
    }
    const took = performance.now() - began;
    await load.next();
    await load.stop();
    const { lost, halfWritten } = await lostWrites(houston.url, token, load);
    figures("F1", {
      kills: KILLS,
      "in s": took / 1_000,
      acknowledged: load.acknowledged.length,
      "writes/s": load.rate(),
      lost: lost.length,
      "half-written": halfWritten.length,
      "slowest restart ms": Math.max(...restarts),
    });
    expect(lost).toEqual([]);
    expect(halfWritten).toEqual([]);
    quickEnough(load.rate(), 100);
    inTime(Math.max(...restarts), 5_000);
    expect(await houston.stop()).toBe(0);
  },
);
