import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { createTestDatabase } from "../support/db.ts";
import { type Relay, relayTo } from "../support/relay.ts";
import { closingSockets, openAs, operationsOn, protocols, SUBSCRIBE } from "../support/sockets.ts";

/** Shorter than the defaults, whose sums are what matters: 3 s for a connection and 4 s for the request. */
const pool = { acquireTimeout: 3_000, statementTimeout: 20_000, requestTimeout: 4_000 };
/** In milliseconds. Much less than the statement timeout, and enough for a busy machine. */
const SOON = 12_000;

let relay: Relay;
let houston: TestApp;
let admin: { token: string };
let workspaceId: string;
let releaseName: string;
beforeAll(async () => {
  const database = await createTestDatabase();
  relay = await relayTo(database.url);
  houston = await startTestApp({ database: { pool } }, { database: { ...database, url: relay.url } });
  const build = createBuild(houston.db, houston.config);
  const { deployment } = await build.deployment();
  admin = await build.systemAdmin();
  [workspaceId, releaseName] = [deployment.workspaceId, deployment.releaseName];
  // From now on, the fast path answers.
  for (let n = 0; n < 3; n += 1) expect((await send()).errors).toBeUndefined();
});
afterAll(async () => {
  relay.blackHole(false);
  await houston.close();
  relay.close();
});

const READ = "query ($id: Uuid) { workspaces(workspaceUuid: $id) { id label } }";
const send = (query = READ) => createAs(houston.url)(admin).send(query, { id: workspaceId });
const closing = closingSockets();

/** Every way to ask something that needs the database, and what it answers while there is none. */
const requests: Record<string, () => Promise<unknown>> = {
  "GraphQL on the fast path": async () => (await send()).errors?.[0]?.extensions.code,
  "GraphQL on Apollo's path": async () => (await send(`# ${Math.random()}\n${READ}`)).errors?.[0]?.extensions.code,
  "GraphQL with several fields": async () =>
    (
      await send(
        `query ($id: Uuid) { a: workspaces(workspaceUuid: $id) { id } self { user { id } } workspaces { id } }`,
      )
    ).errors?.[0]?.extensions.code,
  "a mutation in a transaction": async () =>
    (
      await send(`mutation ($id: Uuid!) { workspaceAddUser(workspaceUuid: $id, email: "a@example.com",
      role: WORKSPACE_VIEWER) { id } }`)
    ).errors?.[0]?.extensions.code,
  "the alpha API": async () => {
    const response = await fetch(`${houston.url}/alpha`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: admin.token },
      body: JSON.stringify({ query: "{ organizations { id } }" }),
    });
    return (await response.json()).errors?.[0]?.extensions.code;
  },
  "the Platform API": async () => {
    const path = `/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/workspaces/${workspaceId}`;
    const response = await fetch(`${houston.url}${path}`, { headers: { authorization: `Bearer ${admin.token}` } });
    if (response.status !== 503) return response.status;
    expect(response.headers.get("retry-after")).toBe("2");
    return "SERVICE_UNAVAILABLE";
  },
};

/** The result and how long it took, in milliseconds. */
async function timed<T>(work: () => Promise<T>) {
  const began = performance.now();
  const result = await work();
  return { result, took: performance.now() - began };
}

const BLACK_HOLES = "while its connections are black holes";

/** Ways in which a database gets stuck; each returns what ends it. */
const faults: Record<string, () => Promise<() => Promise<void>>> = {
  async "while all connections of the pool are busy"() {
    const { pool } = houston.app.services;
    const clients: pg.PoolClient[] = [];
    // The worker has some of them, one all the time.
    for (;;) {
      const client = await pool.connect().catch(() => undefined);
      if (!client) break;
      clients.push(client);
    }
    return async () => {
      for (const client of clients) client.release();
    };
  },
  async [BLACK_HOLES]() {
    relay.blackHole(true);
    return async () => {
      relay.blackHole(false);
      // Those that are still open are black holes.
      relay.reset();
    };
  },
  async "while a table is locked"() {
    const { pool } = houston.app.services;
    const client = await pool.connect();
    await client.query(`BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE`);
    return async () => {
      await client.query("ROLLBACK");
      client.release();
    };
  },
};

describe.each(Object.entries(faults))("%s", (name, begin) => {
  let end: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await end?.();
    end = undefined;
    await expect.poll(async () => (await send()).errors).toBeUndefined();
  });
  const fastPathWorks = name === "while all connections of the pool are busy";

  it("every API answers SERVICE_UNAVAILABLE in time, and works right afterwards", async () => {
    end = await begin();
    const answers = await Promise.all(
      Object.entries(requests).map(async ([kind, request]) => ({ kind, ...(await timed(request)) })),
    );
    for (const { kind, result, took } of answers) {
      const hasConnection = fastPathWorks && ["GraphQL on the fast path", "the Platform API"].includes(kind);
      if (!hasConnection) expect(result, kind).toBe("SERVICE_UNAVAILABLE");
      expect(took, kind).toBeLessThan(SOON);
    }
  });

  // With the others, the worker may leave a connection to the socket.
  it.runIf(name === BLACK_HOLES).each(protocols)(
    "an operation and a new socket of %s are answered in time",
    async (protocol) => {
      const socket = await closing(openAs(houston.url, protocol, admin.token));
      const { start } = operationsOn(socket);
      end = await begin();
      const answered = async (id: string) => {
        const { result, took } = await timed(() => socket.next((one) => one.id === id && one.type !== "complete"));
        expect(JSON.stringify(result)).toContain("SERVICE_UNAVAILABLE");
        expect(took).toBeLessThan(SOON);
      };
      start("1", "query { workspaces { id } }");
      await answered("1");
      start("2", SUBSCRIBE, { release: releaseName });
      await answered("2");
      const opening = await timed(() => openAs(houston.url, protocol, admin.token).catch(() => "closed"));
      expect(opening).toMatchObject({ result: "closed" });
      expect(opening.took).toBeLessThan(SOON);
    },
  );

  it("health checks and metrics are answered in time", async () => {
    end = await begin();
    // While others wait for it too.
    const waiting = Array.from({ length: 10 }, () => send(`# ${Math.random()}\n${READ}`));
    await sleep(50);
    const text = async () => {
      const response = await fetch(`${houston.operationsUrl}/metrics`);
      return { status: response.status, body: await response.text() };
    };
    const [healthy, ready, metrics] = await Promise.all([
      timed(() => fetch(`${houston.url}/healthz`)),
      timed(() => fetch(`${houston.operationsUrl}/readyz`)),
      timed(text),
    ]);
    expect(healthy.result.status).toBe(200);
    if (name === BLACK_HOLES) expect(ready.result.status).toBe(503);
    expect(metrics.result.status).toBe(200);
    expect(metrics.result.body).toContain("process_cpu_seconds_total");
    expect(metrics.result.body).toMatch(/houston_database_pool_connections\{state="total"\} \d/);
    for (const { took } of [healthy, ready, metrics]) expect(took).toBeLessThan(SOON);
    await Promise.all(waiting);
  });
});

it("the metrics leave out the jobs that the database does not count in time", async () => {
  const client = await houston.app.services.pool.connect();
  await client.query("BEGIN; LOCK TABLE graphile_worker._private_jobs IN ACCESS EXCLUSIVE MODE");
  const { result, took } = await timed(async () => (await fetch(`${houston.operationsUrl}/metrics`)).text());
  await client.query("ROLLBACK");
  client.release();
  expect(took).toBeLessThan(SOON);
  expect(result).toContain("process_cpu_seconds_total");
  expect(result).not.toMatch(/houston_jobs\{/);
});

it("F3: the metrics count the requests that wait for a connection", async () => {
  const end = await faults["while all connections of the pool are busy"]?.();
  const waiting = Array.from({ length: 5 }, () => send(`# ${Math.random()}\n${READ}`));
  await expect
    .poll(async () => (await fetch(`${houston.operationsUrl}/metrics`)).text(), { interval: 20 })
    .toMatch(/houston_database_pool_connections\{state="waiting"\} [1-9]/);
  await Promise.all(waiting);
  await end?.();
});

describe("a request", () => {
  it("may wait for several statements together no longer than for one", async () => {
    // Each of them takes less than the limit.
    const slow = `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_sleep(2.4); RETURN NEW; END $$`;
    await houston.db.$executeRawUnsafe(slow);
    for (const table of ["RoleBinding", "AuditEntry"]) {
      await houston.db.$executeRawUnsafe(
        `CREATE TRIGGER slow BEFORE INSERT ON "${table}" FOR EACH ROW EXECUTE FUNCTION slow()`,
      );
    }
    const user = await createBuild(houston.db, houston.config).user();
    const add = `mutation ($id: Uuid!) { workspaceAddUser(workspaceUuid: $id, email: "${user.email}",
      role: WORKSPACE_VIEWER) { id } }`;
    expect((await send(add)).errors?.[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
    // Nothing is half done, and the connection does not go back to the pool in the middle of a transaction.
    expect(await houston.db.roleBinding.count({ where: { userId: user.id } })).toBe(0);
    for (const table of ["RoleBinding", "AuditEntry"]) {
      await houston.db.$executeRawUnsafe(`DROP TRIGGER slow ON "${table}"`);
    }
    expect((await send(add)).errors).toBeUndefined();
    expect(await houston.db.roleBinding.count({ where: { userId: user.id } })).toBe(1);
  });

  it("may take longer than that if it does not wait for the database", async () => {
    const { DatabaseTime, databaseTime } = await import("../../src/platform/database/databaseTime.ts");
    await new DatabaseTime(5_000).run(async () => {
      await sleep(50);
      expect(databaseTime()?.left()).toBe(5_000);
      expect((await houston.app.services.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    });
  });

  it("counts statements that run at the same time once", async () => {
    const { DatabaseTime } = await import("../../src/platform/database/databaseTime.ts");
    const time = new DatabaseTime(20_000);
    const { pool } = houston.app.services;
    await time.run(() => Promise.all(Array.from({ length: 4 }, () => pool.query("SELECT pg_sleep(1)"))));
    expect(time.left()).toBeGreaterThan(20_000 - 4_000);
    expect(time.left()).toBeLessThan(20_000 - 990);
  });
});
