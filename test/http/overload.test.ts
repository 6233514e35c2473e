import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createServer } from "../../src/api/http/createServer.ts";
import { createOverload } from "../../src/api/http/overload.ts";
import { refuseEarly } from "../../src/api/http/refuseEarly.ts";
import { REST_PREFIX as REST } from "../../src/api/http/restPrefix.ts";
import { testHouston } from "../support/houston.ts";
import { lockTables } from "../support/lockTables.ts";
import { patient } from "../support/patient.ts";
import { openAs, openSocket, operationsOn, protocols, SUBSCRIBE, type TestSocket } from "../support/sockets.ts";

const { url, operationsUrl, as, build, db, config } = await testHouston({ ...patient, webserver: { maxRequests: 2 } });
const { deployment, admin } = await build.deployment();
const SELF = "{ self { user { id } } }";
const rest = `${url}/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/workspaces`;

const message = "More requests than can be answered in time: try again later";
const refusal = expect.objectContaining({ message, extensions: { code: "SERVICE_UNAVAILABLE" } });

const graphql = (path: string) =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: admin.token },
    body: JSON.stringify({ query: SELF }),
  });

describe("while as many requests as allowed are in progress", () => {
  let running: Promise<{ status: number }>[];
  let sockets: TestSocket[];
  let release: () => Promise<void>;
  beforeAll(async () => {
    sockets = await Promise.all(protocols.map((protocol) => openAs(url, protocol, admin.token)));
    await as(admin).send(SELF);
    release = await lockTables({ db }, "Session");
    running = [as(admin).send(SELF), as(admin).send(SELF)];
    while ((await fetch(`${url}/`)).status !== 503) await sleep(20);
  });
  afterAll(() => {
    for (const { socket } of sockets) socket.terminate();
  });

  it.each(["/v1", "/alpha"])("answers further ones at %s with 503 and Retry-After", async (path) => {
    const response = await graphql(path);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await response.json()).toEqual({ errors: [refusal] });
  });

  it("answers further ones to the Platform API with 503 in its own form", async () => {
    const response = await fetch(rest, { headers: { authorization: `Bearer ${admin.token}` } });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await response.json()).toMatchObject({ message, statusCode: 503, requestId: expect.any(String) });
  });

  it("denies an ingress, to which another status would be an error", async () => {
    // Otherwise 401.
    const headers = { "x-original-url": "https://grafana.localhost/" };
    expect((await fetch(`${url}/v1/authorization`, { headers })).status).toBe(403);
  });

  it("counts what it refuses, and keeps the caller's ID", async () => {
    const response = await fetch(`${url}/v1?a=b`, { method: "POST", headers: { "x-request-id": "mine" } });
    expect([response.status, response.headers.get("x-request-id")]).toEqual([503, "mine"]);
    const counted = /request_duration_seconds_count\{method="POST",route="\/v1",status="503"\} (\d+)/;
    const metrics = await (await fetch(`${operationsUrl}/metrics`)).text();
    expect(Number(counted.exec(metrics)?.[1])).toBeGreaterThan(0);
  });

  it("tells pages of the platform's user interface, too", async () => {
    const origin = "https://app.localhost";
    const response = await fetch(`${url}/v1`, { method: "POST", headers: { origin } });
    expect([response.status, response.headers.get("access-control-expose-headers")]).toEqual([
      503,
      expect.stringContaining("retry-after"),
    ]);
  });

  it.each(protocols)("refuses operations over %s", async (protocol) => {
    const socket = sockets[protocols.indexOf(protocol)] as TestSocket;
    for (const [id, query] of [
      ["query", SELF],
      ["subscription", SUBSCRIBE],
    ] as const) {
      operationsOn(socket).start(id, query, { release: deployment.releaseName });
      expect(JSON.stringify((await socket.next((one) => one.id === id)).payload)).toContain("SERVICE_UNAVAILABLE");
    }
  });

  it.each(protocols)("opens no further socket of %s", async (protocol) => {
    await expect(openSocket(url, protocol)).rejects.toThrow("503");
  });

  it.each([
    `${url}/healthz`,
    `${url}/v1/healthz`,
    `${operationsUrl}/healthz`,
    `${operationsUrl}/readyz`,
    `${operationsUrl}/metrics`,
  ])("answers %s", async (probe) => expect((await fetch(probe)).status).toBe(200));

  it("answers requests again after that", async () => {
    await release();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    for (let n = 0; n < 10; n += 1) expect((await graphql("/v1")).status).toBe(200);
  });
});

it("a request counts only once its body has arrived", async () => {
  const slow = new AbortController();
  const endless = () =>
    new ReadableStream({
      pull: (body) => {
        body.enqueue(" ");
        return sleep(50);
      },
    });
  const bodies = Array.from({ length: 5 }, () =>
    fetch(`${url}/v1`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, signal: slow.signal },
      ...({ body: endless(), duplex: "half" } as object),
    }).catch(() => undefined),
  );
  await sleep(200);
  expect((await graphql("/v1")).status).toBe(200);
  slow.abort();
  await Promise.all(bodies);
});

it("logs once a second how many calls were refused, and leaves probes and pages to answer", async () => {
  const lines: { msg: string; refused?: number }[] = [];
  const log = pino({ level: "warn" }, { write: (line) => void lines.push(JSON.parse(line)) });
  const server = await createServer({ ...config.webserver, port: 0 }, log, "there");
  onTestFinished(() => server.close());
  const [overload, count] = [{ ...createOverload(config.webserver), isOverloaded: () => true }, vi.fn()];
  refuseEarly(server, { overload, graphqlPaths: ["/v1"], count });
  server.all("/*", () => "answered");
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  const status = async (path: string, init: RequestInit = {}) => (await fetch(address + path, init)).status;
  const post = { method: "POST" };
  expect(await Promise.all([status("/v1", post), status(`${REST}/a`), status("/v1?a", post)])).toEqual([503, 503, 503]);
  const fromPage = { ...post, headers: { origin: "https://app.localhost" } };
  expect(await Promise.all([status("/v1"), status("/healthz"), status("/v1", fromPage)])).toEqual([200, 200, 200]);
  await expect.poll(() => lines.map(({ refused }) => refused), { timeout: 5_000 }).toEqual([3]);
  expect(count.mock.calls.toSorted()).toEqual([
    ["GET", REST],
    ["POST", "/v1"],
    ["POST", "/v1"],
  ]);
});

describe("while the event loop is late", () => {
  it("refuses requests, and answers again once it is not", async () => {
    const late = await testHoustonWithLimit(100);
    const status = async () => (await fetch(`${late.url}/`)).status;
    await expect.poll(status).toBe(200);
    const busy = setInterval(() => block(200), 1);
    await expect.poll(status).toBe(503);
    clearInterval(busy);
    await expect.poll(status).toBe(200);
  });

  it("does not refuse requests because of one slow moment", async () => {
    const late = await testHoustonWithLimit(400);
    block(1_500);
    const statuses: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      statuses.push((await fetch(`${late.url}/`)).status);
      await sleep(10);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

const testHoustonWithLimit = (maxEventLoopDelay: number) => testHouston({ webserver: { maxEventLoopDelay } });

/** Holds the event loop for so many milliseconds. */
function block(duration: number): void {
  for (const end = performance.now() + duration; performance.now() < end; );
}
