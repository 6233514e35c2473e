import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { createBatchRunner } from "../../src/fastPath/batching/batchRunner.ts";
import { asAppError } from "../../src/platform/errors/asAppError.ts";
import { testConnection, waitForBackOff } from "../support/connection.ts";
import { relayTo } from "../support/relay.ts";
import { partOutlivingYoungCollections } from "../support/youngCollections.ts";

const pool = {
  max: 6,
  acquireTimeout: 10_000,
  statementTimeout: 10_000,
  idleInTransactionTimeout: 10_000,
  requestTimeout: 8_000,
};
const { url, houston, connected } = await testConnection(pool);

const read = (text: string, values: unknown[] = [], name = text) =>
  houston.reads.query<{ value: unknown }>({ name, text, values }).then(({ rows: [row] }) => row?.value);
const PID = "SELECT pg_backend_pid() AS value";
const echo = (value: number) => read("SELECT $1::int AS value", [value]);

describe("batched reads", () => {
  it("returns the right result to each of many concurrent statements", async () => {
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    expect(await Promise.all(numbers.map(echo))).toEqual(numbers);
    const pids = await Promise.all(numbers.map(() => read(PID)));
    expect(new Set(pids).size).toBe(2);
  });

  it("rejects only the failing statement, even one that does not parse", async () => {
    const bad = () => read("SELECT 1 / $1::int AS value", [0]).catch((error: { code: string }) => error.code);
    const wrong = () => read("SELECT nothing FROM nowhere").catch((error: { code: string }) => error.code);
    const answers = await Promise.all([echo(1), bad(), wrong(), wrong(), echo(2), bad(), echo(3), echo(4)]);
    expect(answers.filter((one) => typeof one === "number")).toEqual([1, 2, 3, 4]);
    expect(answers[1]).toBe("22012");
    expect([answers[2], answers[3]]).toEqual(["42P01", "42P01"]);
    expect(await Promise.all([echo(5), bad()])).toEqual([5, "22012"]);
  });

  it("cancels a statement that runs too long, and returns the results of those behind it", async () => {
    const limited = connected(url, { ...pool, statementTimeout: 400 });
    const run = (text: string) => limited.reads.query<{ value: unknown }>({ name: text, text, values: [] });
    const slow = run("SELECT pg_sleep(5)::text AS value").catch((error: unknown) => asAppError(error)?.code);
    const others = await Promise.all(Array.from({ length: 10 }, (_, n) => run(`SELECT ${n} AS value`)));
    expect(others.map(({ rows }) => rows[0]?.value)).toEqual(Array.from({ length: 10 }, (_, n) => n));
    expect(await slow).toBe("SERVICE_UNAVAILABLE");
    await limited.close();
  });

  it("retries only the statements queued behind a rejected one", async () => {
    const alone = vi.fn();
    const connection = { connectionString: url, statement_timeout: 1_000 };
    const runner = createBatchRunner(1, {
      connection,
      writes: false,
      acquireTimeout: 2_000,
      answerTimeout: 5_000,
      alone: { query: alone },
    });
    const run = (text: string) =>
      runner.query<{ value: string }>({ text, values: [] }).then(
        ({ rows }) => rows,
        (error) => error.code,
      );
    const now = "SELECT now()::text AS value";
    const [first, slow, last] = await Promise.all([now, "SELECT pg_sleep(5)::text", now].map(run));
    expect(slow).toBe("57014");
    // `now()` is the time at which the transaction began.
    expect(new Date(last[0].value).valueOf() - new Date(first[0].value).valueOf()).toBeGreaterThan(990);
    expect(alone).not.toHaveBeenCalled();
    await runner.close();
  });

  it("sends a statement to the connection with the shortest queue", async () => {
    const slow = read("SELECT pg_sleep($1)::text AS value", [3]).then(() => "slow");
    for (let n = 0; n < 5; n++) expect(await Promise.race([slow, echo(n)])).toBe(n);
    await sleep(80);
    const many = Promise.all(Array.from({ length: 60 }, (_, n) => echo(n))).then(() => "many");
    expect(await Promise.race([slow, many])).toBe("many");
    await slow;
  });

  it("sends statements to the pool while all queues are full", async () => {
    const pids = async (count: number) => Promise.all(Array.from({ length: count }, () => read(PID)));
    const batching = new Set(await pids(20));
    expect((await pids(200)).filter((pid) => batching.has(pid))).toHaveLength(128);
    expect(new Set(await pids(20))).toEqual(batching);
  });

  it("sends statements to the pool while all connections are slow", async () => {
    const batching = new Set(await Promise.all(Array.from({ length: 20 }, () => read(PID))));
    const slow = [3, 3].map((seconds) => read("SELECT pg_sleep($1)::text AS value", [seconds]));
    await sleep(150);
    expect(batching).not.toContain(await read(PID));
    await Promise.all(slow);
    expect(batching).toContain(await read(PID));
  });

  it("reads committed data, whatever isolation level the database has as its default", async () => {
    const name = pg.escapeIdentifier(new URL(url).pathname.slice(1));
    await houston.pool.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'repeatable read'`);
    const fresh = connected();
    const text = "SELECT current_setting('transaction_isolation') AS value";
    expect((await fresh.reads.query({ text, values: [] })).rows).toEqual([{ value: "read committed" }]);
    await fresh.close();
  });

  it("rejects waiting statements when every connection is cut, then recovers", async () => {
    const waiting = read("SELECT pg_sleep($1)::text AS value", [9]).catch((error: unknown) => asAppError(error)?.code);
    await echo(1);
    await houston.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect(await waiting).toBe("SERVICE_UNAVAILABLE");
    await vi.waitFor(async () => expect(await Promise.all([echo(8), echo(9)])).toEqual([8, 9]), 10_000);
    await waitForBackOff();
  });

  it("replaces a connection after many prepared statements, without an error", async () => {
    const before = new Set(await Promise.all(Array.from({ length: 10 }, () => read(PID))));
    for (let n = 0; n < 1_100; n++) expect(await read(`SELECT ${n}::int AS value`)).toBe(n);
    const after = await Promise.all(Array.from({ length: 10 }, () => read(PID)));
    expect(after.some((pid) => !before.has(pid))).toBe(true);
  });

  it("does not make other statements wait for a lock", async () => {
    const holder = await houston.pool.connect();
    await holder.query(`BEGIN; LOCK TABLE "Workspace"`);
    const locked = read(`SELECT count(*)::int AS value FROM "Workspace"`);
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    expect(await Promise.all(numbers.map(echo))).toEqual(numbers);
    expect(await Promise.race([locked, echo(20)])).toBe(20);
    await holder.query("ROLLBACK");
    holder.release();
    expect(await locked).toBe(0);
  });

  it("sends statements to the pool when there are few connections", async () => {
    const small = connected(url, { ...pool, max: 2 });
    const opening = vi.spyOn(small.pool, "connect");
    expect((await small.reads.query({ text: "SELECT 1 AS value", values: [] })).rows).toEqual([{ value: 1 }]);
    expect(opening).toHaveBeenCalledTimes(1);
    await small.close();
  });

  it("rejects with SERVICE_UNAVAILABLE when there is no database", async () => {
    const nowhere = connected("postgresql://nobody:x@127.0.0.1:1/none");
    const error = await nowhere.reads.query({ name: "one", text: "SELECT 1", values: [] }).catch((thrown) => thrown);
    expect(asAppError(error)?.code).toBe("SERVICE_UNAVAILABLE");
    await nowhere.close();
  });

  it("cuts a connection that stops responding, and opens another", async () => {
    const relay = await relayTo(url);
    const answerTimeout = 1_000;
    const alone = vi.fn(async () => ({ rows: [{ value: 2 } as never] }));
    const runner = createBatchRunner(1, {
      connection: { connectionString: relay.url },
      writes: false,
      acquireTimeout: 2_000,
      answerTimeout,
      alone: { query: alone },
    });
    const one = () =>
      runner.query<{ value: number }>({ name: "one", text: "SELECT 1 AS value", values: [] }).then(({ rows }) => rows);
    expect(await one()).toEqual([{ value: 1 }]);
    relay.silence();
    const waiting = await Promise.allSettled([one(), one()]);
    expect(waiting.map((each) => each.status === "rejected" && each.reason.code)).toEqual(["ECONNRESET", "ECONNRESET"]);
    expect(alone).not.toHaveBeenCalled();
    expect(await one()).toEqual([{ value: 2 }]);
    await vi.waitFor(async () => expect(await one()).toEqual([{ value: 1 }]), 10_000);
    await runner.close();
    relay.close();
  });

  it("rejects all waiting statements when the connection does not open, no later than the pool would", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const connection = {
      connectionString: `postgresql://x:x@127.0.0.1:${(silent.address() as { port: number }).port}/x`,
      connectionTimeoutMillis: 300,
    };
    const opening = vi.spyOn(pg.Client.prototype, "connect");
    const runner = createBatchRunner(1, {
      connection,
      writes: false,
      // Shorter, so that this one ends first.
      acquireTimeout: 250,
      answerTimeout: 5_000,
      alone: { query: vi.fn() },
    });
    const sent = Array.from({ length: 64 }, () => runner.query({ text: "SELECT 1", values: [] }));
    const codes = (await Promise.allSettled(sent)).map((one) => one.status === "rejected" && one.reason.code);
    expect(new Set(codes)).toEqual(new Set(["ECONNRESET", "ETIMEDOUT"]));
    expect(opening).toHaveBeenCalledTimes(1);
    opening.mockRestore();
    await runner.close();
    silent.close();
  });

  it("leaves results to the young-generation garbage collector", async () => {
    expect(
      await partOutlivingYoungCollections((length) => read("SELECT repeat('x', $1::int) AS value", [length])),
    ).toBeLessThan(1 / 2);
  });
});
