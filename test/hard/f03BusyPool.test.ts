import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { askEveryApi, askSocket, everyApi, summary } from "../support/everyApi.ts";
import { figures } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { shortened } from "../support/shortened.ts";
import { openAs } from "../support/sockets.ts";

const houston = await startTestApp();
afterAll(() => houston.close());
const { token } = await createBuild(houston.db, houston.config).systemAdmin();

/** Milliseconds until each answer, and until all work again. */
const LIMIT = 6_000;
const RECOVERY = 1_000;

it("F3: while pg_sleep holds every connection of the pool, each request is answered, and afterwards all work", {
  timeout: 120_000,
}, async () => {
  const socket = await openAs(houston.url, "graphql-transport-ws", token);
  await askEveryApi(houston, token, { perSecond: 50, duration: 1_000 });
  const { pool } = houston.app.services;
  const clients: pg.PoolClient[] = [];
  const pids: number[] = [];
  // The worker has some of them, one all the time.
  for (;;) {
    const client = await pool.connect().catch(() => undefined);
    if (!client) break;
    await client.query("SET statement_timeout = 0");
    pids.push((await client.query("SELECT pg_backend_pid() AS pid")).rows[0].pid);
    clients.push(client);
  }
  const sleeping = clients.map((client) =>
    client.query("SELECT pg_sleep($1)", [shortened(60, 15)]).catch((error: Error) => error),
  );
  const socketAnswer = askSocket(socket, "1");
  const waiting: number[] = [];
  const watching = (async () => {
    for (let n = 0; n < 20; n += 1) {
      const text = await (await fetch(`${houston.operationsUrl}/metrics`)).text();
      waiting.push(Number(/houston_database_pool_connections\{state="waiting"\} (\d+)/.exec(text)?.[1]));
      await sleep(100);
    }
  })();
  const answers = await askEveryApi(houston, token, { perSecond: 50, duration: 5_000 });
  answers.push(await socketAnswer);
  await watching;

  const admin = new pg.Client({ connectionString: houston.database.url });
  await admin.connect();
  await admin.query("SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid", [pids]);
  await admin.end();
  await Promise.all(sleeping);
  for (const client of clients) client.release();
  const released = performance.now();
  const apis = everyApi(houston, token);
  const recovered = async () => (await Promise.all(Object.values(apis).map((ask) => ask()))).join();
  await expect.poll(recovered, { timeout: 20_000, interval: 10 }).toBe(
    Object.keys(apis)
      .map(() => "ok")
      .join(),
  );
  const recoveredAfter = performance.now() - released;
  figures("F3", {
    answers: answers.length,
    "slowest ms": Math.max(...answers.map(({ took }) => took)),
    "recovered after ms": recoveredAfter,
    "most waiting": Math.max(...waiting),
    outcomes: summary(answers),
  });
  socket.socket.terminate();
  inTime(Math.max(...answers.map(({ took }) => took)), LIMIT);
  inTime(recoveredAfter, RECOVERY);
  expect(Math.max(...waiting)).toBeGreaterThan(0);
  expect(answers.filter(({ api, outcome }) => ["healthz", "metrics"].includes(api) && outcome !== "ok")).toEqual([]);
  // Reads of one statement have connections of their own.
  const temporary = ["ok", "SERVICE_UNAVAILABLE", "HTTP 503"];
  expect(answers.filter(({ outcome }) => !temporary.includes(outcome))).toEqual([]);
  expect(new Set(answers.filter(({ api }) => api === "Apollo's path").map(({ outcome }) => outcome))).toEqual(
    new Set(["SERVICE_UNAVAILABLE"]),
  );
});
