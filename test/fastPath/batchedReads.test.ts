import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { createBatchRunner } from "../../src/fastPath/batching/batchRunner.ts";
import { asAppError } from "../../src/platform/errors/asAppError.ts";
import { backedOff, testConnection } from "../support/connection.ts";
import { relayTo } from "../support/relay.ts";
import { partKept } from "../support/youngCollections.ts";

const pool = { max: 6, acquireTimeout: 300, statementTimeout: 400, idleInTransactionTimeout: 1_000 };
const { url, houston, connected } = await testConnection(pool);

const ask = (text: string, values: unknown[] = [], name = text) =>
  houston.reads.query<{ value: unknown }>({ name, text, values }).then(({ rows: [row] }) => row?.value);
const PID = "SELECT pg_backend_pid() AS value";
const echo = (value: number) => ask("SELECT $1::int AS value", [value]);

describe("batched reads", () => {
  it("give each of many statements sent together its own answer", async () => {
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    expect(await Promise.all(numbers.map(echo))).toEqual(numbers);
    const pids = await Promise.all(numbers.map(() => ask(PID)));
    expect(new Set(pids).size).toBe(2);
  });

  it("let a statement fail alone, a statement that never parses too", async () => {
    const bad = () => ask("SELECT 1 / $1::int AS value", [0]).catch((error: { code: string }) => error.code);
    const wrong = () => ask("SELECT nothing FROM nowhere").catch((error: { code: string }) => error.code);
    const answers = await Promise.all([echo(1), bad(), wrong(), wrong(), echo(2), bad(), echo(3), echo(4)]);
    expect(answers.filter((one) => typeof one === "number")).toEqual([1, 2, 3, 4]);
    expect(answers[1]).toBe("22012");
    expect([answers[2], answers[3]]).toEqual(["42P01", "42P01"]);
    expect(await Promise.all([echo(5), bad()])).toEqual([5, "22012"]);
  });

  it("end a statement that runs too long, and answer those behind it", async () => {
    const slow = ask("SELECT pg_sleep($1)::text AS value", [5]).catch((error: unknown) => asAppError(error)?.code);
    const others = await Promise.all(Array.from({ length: 10 }, (_, n) => echo(n)));
    expect(others).toHaveLength(10);
    expect(await slow).toBe("SERVICE_UNAVAILABLE");
  });

  it("ask nothing twice but what was behind a statement that was refused", async () => {
    const alone = vi.fn();
    const connection = { connectionString: url, statement_timeout: 200 };
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
    // Times at which transactions began.
    expect(new Date(last[0].value).valueOf() - new Date(first[0].value).valueOf()).toBeGreaterThan(190);
    expect(alone).not.toHaveBeenCalled();
    await runner.close();
  });

  it("send a statement where less waits", async () => {
    const slow = ask("SELECT pg_sleep($1)::text AS value", [0.3]).then(() => "slow");
    for (let n = 0; n < 5; n++) expect(await Promise.race([slow, echo(n)])).toBe(n);
    await sleep(80);
    const many = Promise.all(Array.from({ length: 60 }, (_, n) => echo(n))).then(() => "many");
    expect(await Promise.race([slow, many])).toBe("many");
    await slow;
  });

  it("leave statements to the pool when each has its fill, and take them again afterwards", async () => {
    const pids = async (count: number) => Promise.all(Array.from({ length: count }, () => ask(PID)));
    const batching = new Set(await pids(20));
    expect((await pids(200)).filter((pid) => batching.has(pid))).toHaveLength(128);
    expect(new Set(await pids(20))).toEqual(batching);
  });

  it("leave statements to the pool while all are slow", async () => {
    const batching = new Set(await Promise.all(Array.from({ length: 20 }, () => ask(PID))));
    const slow = [0.35, 0.35].map((seconds) => ask("SELECT pg_sleep($1)::text AS value", [seconds]));
    await sleep(150);
    expect(batching).not.toContain(await ask(PID));
    await Promise.all(slow);
    expect(batching).toContain(await ask(PID));
  });

  it("see what is committed at each statement, whatever the database says of its sessions", async () => {
    const name = pg.escapeIdentifier(new URL(url).pathname.slice(1));
    await houston.pool.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'repeatable read'`);
    const fresh = connected();
    const text = "SELECT current_setting('transaction_isolation') AS value";
    expect((await fresh.reads.query({ text, values: [] })).rows).toEqual([{ value: "read committed" }]);
    await fresh.close();
  });

  it("answer again after every connection was cut, and say so to those who waited", async () => {
    const waiting = ask("SELECT pg_sleep($1)::text AS value", [0.39]).catch(
      (error: unknown) => asAppError(error)?.code,
    );
    await echo(1);
    await houston.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect(await waiting).toBe("SERVICE_UNAVAILABLE");
    await vi.waitFor(async () => expect(await Promise.all([echo(8), echo(9)])).toEqual([8, 9]), 5_000);
    await backedOff();
  });

  it("begin afresh after many prepared statements, and answer all the while", async () => {
    const begun = new Set(await Promise.all(Array.from({ length: 10 }, () => ask(PID))));
    for (let n = 0; n < 1_100; n++) expect(await ask(`SELECT ${n}::int AS value`)).toBe(n);
    const after = await Promise.all(Array.from({ length: 10 }, () => ask(PID)));
    expect(after.some((pid) => !begun.has(pid))).toBe(true);
  });

  it("do not wait for a lock together with a statement that must", async () => {
    const holder = await houston.pool.connect();
    await holder.query(`BEGIN; LOCK TABLE "Workspace"`);
    const locked = ask(`SELECT count(*)::int AS value FROM "Workspace"`);
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    expect(await Promise.all(numbers.map(echo))).toEqual(numbers);
    expect(await Promise.race([locked, echo(20)])).toBe(20);
    await holder.query("ROLLBACK");
    holder.release();
    expect(await locked).toBe(0);
  });

  it("leave statements to the pool where there are few connections", async () => {
    const small = connected(url, { ...pool, max: 2 });
    const opening = vi.spyOn(small.pool, "connect");
    expect((await small.reads.query({ text: "SELECT 1 AS value", values: [] })).rows).toEqual([{ value: 1 }]);
    expect(opening).toHaveBeenCalledTimes(1);
    await small.close();
  });

  it("fail with a code when there is no database", async () => {
    const nowhere = connected("postgresql://nobody:x@127.0.0.1:1/none");
    const error = await nowhere.reads.query({ name: "one", text: "SELECT 1", values: [] }).catch((thrown) => thrown);
    expect(asAppError(error)?.code).toBe("SERVICE_UNAVAILABLE");
    await nowhere.close();
  });

  it("break a connection that has fallen silent, and answer on another", async () => {
    const relay = await relayTo(url);
    const answerTimeout = 200;
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
    await vi.waitFor(async () => expect(await one()).toEqual([{ value: 1 }]), 5_000);
    await runner.close();
    relay.close();
  });

  it("tell all that wait for a connection that does not open, no later than the pool would", async () => {
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
      acquireTimeout: 300,
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

  it("keep no answer until a full collection", async () => {
    expect(await partKept((length) => ask("SELECT repeat('x', $1::int) AS value", [length]))).toBeLessThan(1 / 2);
  });
});
