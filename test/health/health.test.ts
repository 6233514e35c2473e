import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { createReadiness } from "../../src/api/health/readiness.ts";
import { startTestApp } from "../support/app.ts";
import { testHouston } from "../support/houston.ts";

const { url, operationsUrl, app, as, build } = await testHouston();

describe("health checks", () => {
  it.each(["/healthz", "/v1/healthz", "/readyz"])("return 200 at %s", async (path) => {
    const answer = await fetch(`${url}${path}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ok" });
  });

  it("are on the operations port too", async () => {
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(`${operationsUrl}${path}`)).status).toBe(200);
  });

  it("report readiness as failed, and liveness as good, without a database", async () => {
    const broken = await startTestApp();
    await broken.database.drop();
    const ready = await fetch(`${broken.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ status: "unavailable", missing: [expect.stringContaining("database")] });
    expect((await fetch(`${broken.url}/healthz`)).status).toBe(200);
    await broken.close();
  });

  it("report readiness as failed while draining, and close connections", async () => {
    app.readiness.draining = true;
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get("connection")).toBe("close");
    expect(await ready.json()).toMatchObject({ missing: [expect.stringContaining("draining")] });
    app.readiness.draining = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});

describe("metrics", () => {
  it("are on the operations port only", async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect((await fetch(`${url}/v1/metrics`)).status).toBe(404);
    expect((await fetch(`${operationsUrl}/v1`)).status).toBe(404);
    const answer = await fetch(`${operationsUrl}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("text/plain");
  });

  it("begin with houston_, except the standard ones of Node", async () => {
    const text = await (await fetch(`${operationsUrl}/metrics`)).text();
    const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = ""]) => name);
    expect(names.filter((name) => !/^(houston|process|nodejs)_/.test(name))).toEqual([]);
    expect(names.filter((name) => name.startsWith("houston_")).length).toBeGreaterThan(4);
    const gauges = [...text.matchAll(/^# TYPE (\w+) gauge/gm)].map(([, name = ""]) => name);
    expect(gauges.filter((name) => name.endsWith("_total"))).toEqual([]);
  });

  it("count requests by route, root fields by outcome, connections and jobs", async () => {
    await as(undefined).send("{ appConfig { version } }");
    await as(undefined).send("{ workspaces { id } }");
    await fetch(`${url}/some/path/of/the/caller`);
    const text = await (await fetch(`${operationsUrl}/metrics`)).text();
    expect(text).toMatch(/houston_http_request_duration_seconds_count\{method="POST",route="\/v1",status="200"\} \d/);
    expect(text).toContain('houston_graphql_root_fields_total{field="appConfig",outcome="ok",via="apollo"} 1');
    expect(text).toMatch(
      /houston_graphql_root_fields_total\{field="workspaces",outcome="(UNAUTHENTICATED|FORBIDDEN)",via="apollo"\} 1/,
    );
    expect(text).toMatch(/houston_database_pool_connections\{state="total"\} [1-9]/);
    expect(text).toMatch(/houston_jobs\{state="pending"\} \d/);
    expect(text).toContain("process_cpu_seconds_total");
    expect(text).not.toContain("/some/path");
  });
});

describe("POST /v1/logout", () => {
  const logout = (authorization?: string) =>
    fetch(`${url}/v1/logout`, { method: "POST", ...(authorization && { headers: { authorization } }) });

  it("deletes the session of its token and no other", async () => {
    const user = await build.user();
    const other = await build.tokenOf(user.id);
    expect((await logout(`Bearer ${user.token}`)).status).toBe(204);
    expect((await as(user).send("{ self { user { id } } }")).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect((await as({ token: other }).send("{ self { user { id } } }")).errors).toBeUndefined();
    expect((await logout(user.token)).status).toBe(401);
  });

  it("rejects anonymous callers and GET", async () => {
    expect((await logout()).status).toBe(401);
    expect((await fetch(`${url}/v1/logout`)).status).toBe(404);
  });
});

it("is not ready before the port of the API is open", async () => {
  const readiness = createReadiness(app.services.pool);
  readiness.migrated = true;
  expect(await readiness.missing()).toEqual(["port: webserver.port is not open yet"]);
  readiness.listening = true;
  expect(await readiness.missing()).toEqual([]);
});

/** A server that is ready as long as the database responds, on its only connection. */
function onOneConnection() {
  const { connectionString } = app.services.pool.options;
  const pool = new pg.Pool({ connectionString, max: 1 });
  onTestFinished(() => pool.end());
  const readiness = createReadiness(pool);
  readiness.migrated = true;
  readiness.listening = true;
  return { pool, readiness };
}

it("is ready after a pause of this process, if the database responded meanwhile", async () => {
  const { readiness } = onOneConnection();
  expect(await readiness.missing()).toEqual([]);
  const missing = readiness.missing();
  for (const until = performance.now() + 2_500; performance.now() < until; );
  expect(await missing).toEqual([]);
});

it("is ready while the database keeps its connections busy with answers, and not while they wait for it", async () => {
  const { pool, readiness } = onOneConnection();
  const client = await pool.connect();
  onTestFinished(() => client.release());
  const whileIt = async (work: () => Promise<unknown>) => {
    let ended = false;
    const missing = readiness.missing().finally(() => {
      ended = true;
    });
    while (!ended) await work();
    return missing;
  };
  expect(await whileIt(() => client.query("SELECT pg_sleep(0.1)"))).toEqual([]);
  const silent = client.query("SELECT pg_sleep(5)");
  expect(await whileIt(() => sleep(100))).toEqual(["database: no response within 2000 ms"]);
  await silent;
});
