import { createServer, connect as dial, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connect, type Database } from "../../src/database/connect.ts";
import { createLanes } from "../../src/database/lanes.ts";
import { asAppError } from "../../src/errors.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";

let database: TestDatabase;
let houston: Database;
const pool = { max: 5, acquireTimeout: 300, statementTimeout: 400, idleInTransactionTimeout: 1_000 };
beforeAll(async () => {
  database = await createTestDatabase();
  houston = connect(database.url, pool, pino({ level: "silent" }));
});
afterAll(async () => {
  await houston.close();
  await database.drop();
});

const ask = (text: string, values: unknown[] = [], name = text) => {
  const answer = houston.lanes.query<{ value: unknown }>({ name, text, values });
  if (!answer) throw new Error("all lanes are full");
  return answer.then(({ rows }) => rows[0]?.value);
};
const echo = (value: number) => ask("SELECT $1::int AS value", [value]);

describe("lanes", () => {
  it("give each of many statements sent together its own answer", async () => {
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    expect(await Promise.all(numbers.map(echo))).toEqual(numbers);
    const pids = await Promise.all(numbers.map(() => ask("SELECT pg_backend_pid() AS value")));
    expect(new Set(pids).size).toBe(2);
  });

  it("let a statement fail alone, a statement that never parses too", async () => {
    const bad = () => ask("SELECT 1 / $1::int AS value", [0]).catch((error: { code: string }) => error.code);
    const wrong = () => ask("SELECT nothing FROM nowhere").catch((error: { code: string }) => error.code);
    const answers = await Promise.all([echo(1), bad(), wrong(), wrong(), echo(2), bad(), echo(3), echo(4)]);
    expect(answers.filter((one) => typeof one === "number")).toEqual([1, 2, 3, 4]);
    expect(answers[1]).toBe("22012");
    // The second of the same statement may meet the failure of the first.
    for (const code of [answers[2], answers[3]]) expect(["42P01", "26000"]).toContain(code);
    expect(await Promise.all([echo(5), bad()])).toEqual([5, "22012"]);
  });

  it("end a statement that runs too long, and answer those behind it", async () => {
    const slow = ask("SELECT pg_sleep($1)::text AS value", [5]).catch((error: unknown) => asAppError(error)?.code);
    const others = await Promise.all(Array.from({ length: 10 }, (_, n) => echo(n)));
    expect(others).toHaveLength(10);
    expect(await slow).toBe("SERVICE_UNAVAILABLE");
  });

  it("send a statement where less waits", async () => {
    const slow = ask("SELECT pg_sleep($1)::text AS value", [0.3]).then(() => "slow");
    for (let n = 0; n < 5; n++) expect(await Promise.race([slow, echo(n)])).toBe(n);
    await slow;
  });

  it("turn statements away when each has its fill, and take them again afterwards", async () => {
    const sent = Array.from({ length: 100 }, () =>
      houston.lanes.query({ name: "nap", text: "SELECT pg_sleep($1)::text AS value", values: [0.001] }),
    );
    expect(sent.filter(Boolean)).toHaveLength(64);
    await Promise.all(sent);
    expect(await echo(7)).toBe(7);
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
    await vi.waitFor(async () => expect(await Promise.all([echo(8), echo(9)])).toEqual([8, 9]));
  });

  it("begin afresh after many prepared statements, and answer all the while", async () => {
    const begun = new Set(await Promise.all(Array.from({ length: 10 }, () => ask("SELECT pg_backend_pid() AS value"))));
    for (let n = 0; n < 1_100; n++) expect(await ask(`SELECT ${n}::int AS value`)).toBe(n);
    const after = await Promise.all(Array.from({ length: 10 }, () => ask("SELECT pg_backend_pid() AS value")));
    expect(after.some((pid) => !begun.has(pid))).toBe(true);
  });

  it("give up a wait for a lock before those behind it notice", async () => {
    const holder = await houston.pool.connect();
    await holder.query(`BEGIN; LOCK TABLE "Workspace"`);
    const code = await ask(`SELECT count(*)::int AS value FROM "Workspace"`).catch(
      (error: { code: string }) => error.code,
    );
    expect(code).toBe("55P03");
    await holder.query("ROLLBACK");
    holder.release();
  });

  it("are none where there are few connections", async () => {
    const small = connect(database.url, { ...pool, max: 2 }, pino({ level: "silent" }));
    expect(small.lanes.query({ name: "one", text: "SELECT 1", values: [] })).toBeUndefined();
    await small.close();
  });

  it("fail with a code when there is no database", async () => {
    const nowhere = connect("postgresql://nobody:x@127.0.0.1:1/none", pool, pino({ level: "silent" }));
    const error = await nowhere.lanes.query({ name: "one", text: "SELECT 1", values: [] })?.catch((thrown) => thrown);
    expect(asAppError(error)?.code).toBe("SERVICE_UNAVAILABLE");
    await nowhere.close();
  });

  it("break a connection that has fallen silent, and answer on another", async () => {
    const relay = await relayTo(database.url);
    const patience = 200;
    const lanes = createLanes({ connectionString: relay.url }, 1, patience);
    const one = () => lanes.query<{ value: number }>({ name: "one", text: "SELECT 1 AS value", values: [] });
    expect((await one())?.rows).toEqual([{ value: 1 }]);
    relay.silence();
    const waiting = await Promise.allSettled([one(), one()]);
    expect(waiting.map((each) => each.status === "rejected" && each.reason.code)).toEqual(["ECONNRESET", "ECONNRESET"]);
    await vi.waitFor(async () => expect((await one())?.rows).toEqual([{ value: 1 }]));
    await lanes.close();
    relay.close();
  });

  it("keep no answer until a full collection", async () => {
    const length = 50_000;
    const count = 200;
    let characters = 0;
    const before = afterYoungCollections();
    for (let n = 0; n < count; n += 4) {
      const answers = Array.from({ length: 4 }, () => ask("SELECT repeat('x', $1::int) AS value", [length]));
      for (const value of await Promise.all(answers)) characters += String(value).length;
    }
    expect(characters).toBe(length * count);
    expect(afterYoungCollections() - before).toBeLessThan((length * count) / 4);
  });
});

/** Bytes in use after what is garbage to a collection of what is young has gone. */
function afterYoungCollections(): number {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  for (let n = 0; n < 3; n++) collect({ type: "minor" });
  return process.memoryUsage().heapUsed;
}

/** Stands between a client and a database; after `silence`, nothing comes through on the connections there are. */
async function relayTo(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const there = dial(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, there],
      [there, client],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      sockets.push(from);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    url: url.href,
    silence: () => sockets.forEach((socket) => void socket.unpipe().resume()),
    close: () => server.close(),
  };
}
