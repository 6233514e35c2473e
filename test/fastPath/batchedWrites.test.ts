import { createHash } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createBatchRunner } from "../../src/fastPath/batching/batchRunner.ts";
import type { Query } from "../../src/platform/database/queryRunner.ts";
import { asAppError } from "../../src/platform/errors/asAppError.ts";
import { testConnection, waitForBackOff } from "../support/connection.ts";
import { relayTo } from "../support/relay.ts";
import { partOutlivingYoungCollections } from "../support/youngCollections.ts";

const settings = {
  max: 6,
  acquireTimeout: 10_000,
  statementTimeout: 10_000,
  idleInTransactionTimeout: 10_000,
  requestTimeout: 8_000,
};
/** The batcher sends what is queued once the other callbacks of this turn of the event loop have run. */
const nextTurn = () => new Promise(setImmediate);
const { url, houston, connected } = await testConnection(settings);
beforeAll(async () => {
  await houston.pool.query(`CREATE TABLE written (
    value int UNIQUE DEFERRABLE INITIALLY IMMEDIATE, transaction xid8 DEFAULT pg_current_xact_id(), pid int DEFAULT pg_backend_pid())`);
});
beforeEach(async () => {
  await houston.pool.query("TRUNCATE written");
});

const INSERT = "INSERT INTO written (value) VALUES ($1) RETURNING value, transaction::text, pid";

/** PostgreSQL truncates names to 63 characters. */
const nameOf = (text: string) => createHash("md5").update(text).digest("hex");

interface Written {
  value: number;
  transaction: string;
  pid: number;
}

const send = <Row extends object = Written>(text: string, values: unknown[], name = nameOf(text)): Promise<Row[]> =>
  houston.writes.query<Row>({ name, text, values }).then(({ rows }) => rows);
const write = (value: unknown, name?: string) => send(INSERT, [value], name).then(([row]) => row as Written);
const codeOf = (error: { code: string }) => error.code;
const stored = async () =>
  (await houston.pool.query<Written>("SELECT value, transaction::text, pid FROM written ORDER BY value")).rows;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("batched writes", () => {
  it("combines up to sixteen concurrent statements in one transaction, each with its own result", async () => {
    const rows = await Promise.all(upTo(40).map((n) => write(n)));
    expect(rows.map(({ value }) => value)).toEqual(upTo(40));
    expect(await stored()).toEqual(rows);
    const sizes = new Map<string, number>();
    for (const { transaction } of rows) sizes.set(transaction, (sizes.get(transaction) ?? 0) + 1);
    expect([...sizes.values()]).toEqual([16, 16, 8]);
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(1);
    expect((await write(40)).pid).toBe(rows[0]?.pid);
  });

  it("collects statements while a transaction is running", async () => {
    const first = send("SELECT pg_sleep(0.5)::text", []);
    await nextTurn();
    const rows = [write(1)];
    await nextTurn();
    rows.push(write(2));
    await first;
    const [one, two] = await Promise.all(rows);
    expect(one?.transaction).toBe(two?.transaction);
  });

  it.each([0, 3, 7])("rejects only the failing statement at position %i, and writes all others once", async (at) => {
    for (const [bad, code] of [
      [() => write(0), "23505"],
      [() => send("SELECT 1 / $1::int AS value", [0]), "22012"],
      [() => send("SELECT nothing FROM nowhere", []), "42P01"],
      [() => send("SELECT nothing FROM nowhere", [], ""), "42P01"],
      [() => write("no number"), "22P02"],
      [() => send(INSERT, []), "08P01"],
    ] as const) {
      await houston.pool.query("TRUNCATE written; INSERT INTO written VALUES (0)");
      const isNew = nameOf(`${at} ${bad}`);
      const sent: (() => Promise<unknown>)[] = upTo(8).map((n) => () => write(n + 1, isNew));
      sent[at] = bad;
      const answers = await Promise.all(sent.map((one) => one().catch(codeOf)));
      expect(answers[at]).toBe(code);
      const good = upTo(8).flatMap((n) => (n === at ? [] : [n + 1]));
      expect(answers.toSpliced(at, 1).map((one) => (one as Written).value)).toEqual(good);
      expect((await stored()).map(({ value }) => value)).toEqual([0, ...good]);
      const [next, last] = await Promise.all([write(20, isNew), write(21, isNew)]);
      expect(next?.transaction).toBe(last?.transaction);
    }
  });

  it("runs a statement alone when it is rejected, and others after a second rejection", async () => {
    const alone = vi.fn(({ text, values }: Query) => houston.pool.query(text, values));
    const runner = createBatchRunner(1, {
      connection: { connectionString: url },
      writes: true,
      acquireTimeout: 2_000,
      answerTimeout: 5_000,
      alone: { query: alone },
    });
    const run = (value: unknown) => runner.query({ text: INSERT, values: [value] }).catch(codeOf);
    await Promise.all([0, 1, "no number", 2, 3].map(run));
    expect(alone.mock.calls.map(([{ values }]) => values)).toEqual([["no number"]]);
    alone.mockClear();
    await Promise.all([4, "no number", 5, "nor this", 6].map(run));
    expect(alone).toHaveBeenCalledTimes(5);
    expect((await stored()).map(({ value }) => value)).toEqual(upTo(7));
    await runner.close();
  });

  it("sends smaller transactions while statements are rejected, and larger ones afterwards", async () => {
    const runner = createBatchRunner(1, {
      connection: { connectionString: url },
      writes: true,
      acquireTimeout: 2_000,
      answerTimeout: 5_000,
      alone: { query: async () => ({ rows: [] }) },
    });
    let value = 0;
    const transactions = async () => {
      const rows = await Promise.all(upTo(16).map(() => runner.query<Written>({ text: INSERT, values: [value++] })));
      return new Set(rows.map((one) => one.rows[0]?.transaction)).size;
    };
    expect(await transactions()).toBe(1);
    for (let n = 0; n < 6; n++) await runner.query({ text: INSERT, values: ["no number"] }).catch(codeOf);
    expect(await transactions()).toBe(5);
    expect(await transactions()).toBe(1);
    await runner.close();
  });

  it("returns no result of a transaction whose commit fails", async () => {
    const defer = () => send("SET CONSTRAINTS ALL DEFERRED", [], "");
    const writes = [1, 2, 1, 3].map((value) => write(value).catch(codeOf));
    const [, ...answers] = await Promise.all([defer(), ...writes]);
    // In a batch the duplicate 1 fails at the commit; alone, one of the two is written.
    const confirmed = answers.flatMap((one) => (typeof one === "object" ? [one.value] : []));
    expect(confirmed.toSorted()).toEqual([1, 2, 3]);
    expect((await stored()).map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it("does not make other statements wait for a lock", async () => {
    await houston.pool.query("INSERT INTO written VALUES (100)");
    const holder = await houston.pool.connect();
    await holder.query("BEGIN; UPDATE written SET pid = 0 WHERE value = 100");
    const locked = send("UPDATE written SET pid = pid + 7 WHERE value = $1 RETURNING pid", [100]);
    const others = await Promise.all(upTo(9).map((n) => write(n)));
    expect(others.map(({ value }) => value)).toEqual(upTo(9));
    expect(await Promise.race([locked, write(9).then(() => "still waits")])).toBe("still waits");
    await holder.query("COMMIT");
    holder.release();
    expect(await locked).toEqual([{ pid: 7 }]);
  });

  it("sends statements to the pool when the queue is full, and batches again afterwards", async () => {
    const { pid } = await write(100);
    const rows = await Promise.all(upTo(100).map((n) => write(n)));
    expect(rows.map(({ value }) => value)).toEqual(upTo(100));
    expect(rows.filter((row) => row.pid === pid)).toHaveLength(64);
    expect((await write(101)).pid).toBe(pid);
  });

  it("rejects running statements when the connection is cut, and runs the waiting ones", async () => {
    const cut = [write(1), send("SELECT pg_sleep(9)::text", [])].map((one) =>
      one.catch((error: unknown) => asAppError(error)?.code),
    );
    await nextTurn();
    const waiting = [write(2), write(3)];
    const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE '%pg_sleep(9)%' AND pid <> pg_backend_pid()`;
    await expect.poll(async () => (await houston.pool.query(terminate)).rowCount).toBe(1);
    expect(await Promise.all(cut)).toEqual(["SERVICE_UNAVAILABLE", "SERVICE_UNAVAILABLE"]);
    expect(await Promise.all(waiting)).toMatchObject([{ value: 2 }, { value: 3 }]);
    expect((await stored()).map(({ value }) => value)).toEqual([2, 3]);
    await waitForBackOff();
  });

  it("cuts a connection that stops responding, and opens another", async () => {
    const relay = await relayTo(url);
    const alone = vi.fn(async () => ({ rows: [] }));
    const runner = createBatchRunner(1, {
      connection: { connectionString: relay.url },
      writes: true,
      acquireTimeout: 2_000,
      answerTimeout: 1_000,
      alone: { query: alone },
    });
    const one = (value: number) =>
      runner.query<Written>({ name: "insert", text: INSERT, values: [value] }).then(({ rows }) => rows);
    expect(await one(1)).toMatchObject([{ value: 1 }]);
    relay.silence();
    const waiting = await Promise.allSettled([one(2), one(3)]);
    expect(waiting.map((each) => each.status === "rejected" && each.reason.code)).toEqual(["ECONNRESET", "ECONNRESET"]);
    expect(alone).not.toHaveBeenCalled();
    await waitForBackOff();
    expect(await one(4)).toMatchObject([{ value: 4 }]);
    await runner.close();
    relay.close();
  });

  it("closes after all waiting statements are written", async () => {
    const small = connected();
    const sent = upTo(40).map((n) => small.writes.query({ name: "insert", text: INSERT, values: [n === 5 ? 4 : n] }));
    const answered = Promise.allSettled(sent);
    await small.close();
    const outcomes = (await answered).map(({ status }) => status);
    expect(outcomes.filter((one) => one === "fulfilled")).toHaveLength(39);
    expect(await stored()).toHaveLength(39);
  });

  it("passes values of every type to the statement unchanged", async () => {
    const values = [null, true, 1.5, "té'xt", Buffer.from([0, 255]), new Date(0), ["a", null, '"'], { a: [1] }];
    const text = `SELECT $1::text AS a, $2::bool AS b, $3::float8 AS c, $4::text AS d, $5::bytea AS e, $6::timestamptz AS f,
      $7::text[] AS g, $8::jsonb AS h`;
    const [batched] = await send<Record<string, unknown>>(text, values);
    const [pooled] = (await houston.pool.query(text, values)).rows;
    expect(batched).toEqual(pooled);
    expect(Object.values(batched ?? {})).toEqual(values);
  });

  it("replaces the connection after many prepared statements", async () => {
    const pid = async () => (await send<{ pid: number }>("SELECT pg_backend_pid() AS pid", []))[0]?.pid;
    const before = await pid();
    for (let n = 0; n < 510; n += 15)
      expect(await Promise.all(upTo(15).map((m) => send(`SELECT ${n + m}::int AS value`, [])))).toEqual(
        upTo(15).map((m) => [{ value: n + m }]),
      );
    expect(await pid()).not.toBe(before);
  });

  it("sends statements to the pool when there are few connections, and rejects with a code without a database", async () => {
    const small = connected(url, { ...settings, max: 4 });
    const opening = vi.spyOn(small.pool, "connect");
    expect((await small.writes.query({ text: "SELECT 1 AS value", values: [] })).rows).toEqual([{ value: 1 }]);
    expect(opening).toHaveBeenCalledTimes(1);
    await small.close();
    const nowhere = connected("postgresql://nobody:x@127.0.0.1:1/none");
    const error = await nowhere.writes.query({ text: "SELECT 1", values: [] }).catch((thrown) => thrown);
    expect(asAppError(error)?.code).toBe("SERVICE_UNAVAILABLE");
    await nowhere.close();
  });

  it("leaves results to the young-generation garbage collector", async () => {
    expect(
      await partOutlivingYoungCollections((length) =>
        send<{ value: string }>("SELECT repeat('x', $1::int) AS value", [length]).then(([row]) => row?.value),
      ),
    ).toBeLessThan(1 / 2);
  });
});
