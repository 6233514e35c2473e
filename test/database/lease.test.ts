import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { pino } from "pino";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { connect } from "../../src/platform/database/connect.ts";
import { holdLease } from "../../src/platform/database/lease.ts";
import { createTestDatabase } from "../support/db.ts";

const database = await createTestDatabase();
const silent = pino({ level: "silent" });
const settings = { ...configFrom().database.pool, max: 3 };
const { pool, db, close } = connect(database.url, settings, silent);
afterAll(async () => {
  await close();
  await database.drop();
});

/** A time to live that no pause of this process outlasts. In milliseconds. */
const LONG = 9_000;

/** A process that asks for a lease until the end of the test, and what it did. `cut` takes the database away from it. */
function contender(name: string, ttl = 300) {
  const own = { isCut: false };
  const cuttable = new Proxy(pool, {
    get: (target, key) => {
      if (key !== "query") return Reflect.get(target, key);
      return own.isCut ? () => Promise.reject(new Error("cut")) : target.query.bind(target);
    },
  });
  const seen: { holder: string; signal: AbortSignal }[] = [];
  let running = 0;
  const { stop } = holdLease({
    pool: cuttable,
    name,
    ttl,
    log: silent,
    async work(signal, { holder }) {
      running += 1;
      seen.push({ holder, signal });
      await sleep(3_600_000, undefined, { signal }).catch(() => undefined);
      running -= 1;
    },
  });
  onTestFinished(stop);
  return {
    seen,
    stop,
    cut: (isCut: boolean) => {
      own.isCut = isCut;
    },
    works: () => running > 0,
  };
}
const someoneWorks = (...all: ReturnType<typeof contender>[]) =>
  expect.poll(() => all.filter((one) => one.works()).length, { interval: 10 }).toBe(1);

const isRenewed = async (name: string) => {
  const until = async () => (await db.lease.findUnique({ where: { name } }))?.expiresAt.getTime() ?? 0;
  const before = await until();
  await expect.poll(until).toBeGreaterThan(before);
};

describe("a lease", () => {
  it("is held by one, renewed, and taken over when it is released", async () => {
    const all = [contender("one", LONG), contender("one", LONG), contender("one", LONG)];
    await someoneWorks(...all);
    const [first] = all.filter((one) => one.works());
    await isRenewed("one");
    expect(all.flatMap(({ seen }) => seen)).toHaveLength(1);
    await first?.stop();
    expect(first?.seen[0]?.signal.aborted).toBe(true);
    await someoneWorks(...all.filter((one) => one !== first));
    expect(new Set(all.flatMap(({ seen }) => seen).map(({ holder }) => holder)).size).toBe(2);
  });

  it("is taken over from one that cannot renew it, which stops its work before", async () => {
    const first = contender("two");
    await someoneWorks(first);
    const second = contender("two");
    let both = 0;
    const watching = setInterval(() => {
      if (first.works() && second.works()) both += 1;
    }, 1);
    onTestFinished(() => clearInterval(watching));
    first.cut(true);
    await expect.poll(() => second.works(), { interval: 10 }).toBe(true);
    expect(first.seen[0]?.signal.reason).toMatchObject({ message: "The lease two could not be renewed in time" });
    first.cut(false);
    await second.stop();
    await expect.poll(() => first.works(), { interval: 10 }).toBe(true);
    expect(both).toBe(0);
  });

  it("survives a short interruption", async () => {
    const first = contender("three", LONG);
    await someoneWorks(first);
    first.cut(true);
    // Its first renewal fails.
    await sleep(LONG / 3 + 500);
    first.cut(false);
    const second = contender("three", LONG);
    await isRenewed("three");
    expect([first.works(), second.works(), first.seen.length]).toEqual([true, false, 1]);
  });

  it("ends the work when another has taken it", async () => {
    const first = contender("four", LONG);
    await someoneWorks(first);
    await db.lease.update({
      where: { name: "four" },
      data: { holder: "another", expiresAt: new Date(Date.now() + 3_600_000) },
    });
    await expect.poll(() => first.works()).toBe(false);
    expect(first.seen[0]?.signal.reason).toMatchObject({ message: "Another process has taken the lease four" });
    expect(await db.lease.findUnique({ where: { name: "four" } })).toMatchObject({ holder: "another" });
  });

  it("is released when the work fails, and taken again", async () => {
    let runs = 0;
    const { stop } = holdLease({
      ...{ pool, name: "five", ttl: 100, log: silent },
      work: async () => {
        runs += 1;
        throw new Error("no");
      },
    });
    onTestFinished(stop);
    await expect.poll(() => runs).toBeGreaterThan(1);
    await stop();
    expect(await db.lease.findUnique({ where: { name: "five" } })).toMatchObject({ holder: "" });
  });

  it("is given back if stopping began while it was being taken", async () => {
    const { stop, works, seen } = contender("ten");
    await stop();
    expect([works(), seen.every(({ signal }) => signal.aborted)]).toEqual([false, true]);
    expect((await db.lease.findUnique({ where: { name: "ten" } }))?.holder).toBe("");
  });

  it("holds no connection meanwhile", async () => {
    const all = ["six", "seven", "eight", "nine"].map((name) => contender(name));
    for (const one of all) await someoneWorks(one);
    const client: pg.PoolClient = await pool.connect();
    client.release();
    await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0);
  });
});
