import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { testHouston } from "../support/houston.ts";
import {
  closingSockets,
  ofType,
  openAs,
  openSocket,
  openTransportWs,
  operationsOn,
  protocols,
  SUBSCRIBE,
  subscribeLegacy,
} from "../support/sockets.ts";

// Pings are sent when a test calls `vi.advanceTimersByTime`.
vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
afterAll(() => void vi.useRealTimers());
const { url, build, app, config, operationsUrl } = await testHouston({
  cors: { allowedOrigins: ["https://tools.example.com"] },
  subscriptions: { maxSockets: 3 },
});
const small = await testHouston({
  apollo: { introspection: false },
  limits: { tokens: 60, aliases: 2, depth: 3, directives: 2 },
});

// Hooks run in reverse order: sockets are closed first.
afterEach(async () => {
  await expect.poll(() => app.sockets()).toEqual({ sockets: 0, operations: 0 });
});
const closing = closingSockets();

describe("the endpoint /ws", () => {
  it("accepts a trailing slash, and prefers graphql-transport-ws", async () => {
    for (const path of ["/ws", "/ws/", "/ws?x=1"]) {
      for (const protocol of protocols) {
        const { socket } = await closing(openSocket(url, protocol, { path }));
        expect(socket.protocol).toBe(protocol);
        socket.terminate();
      }
    }
    const both = new WebSocket(`${url.replace("http", "ws")}/ws`, [...protocols]);
    await once(both, "open");
    expect(both.protocol).toBe("graphql-transport-ws");
    both.terminate();
  });

  it("rejects other paths, and clients without a known protocol", async () => {
    await expect(openSocket(url, "graphql-ws", { path: "/v1" })).rejects.toThrow("rejected with");
    await expect(openSocket(url, "mqtt" as never)).rejects.toThrow("rejected with 400");
  });

  it("T25: accepts pages from allowed origins and its own, and no others", async () => {
    for (const origin of ["https://tools.example.com", "https://app.localhost", url]) {
      const { socket } = await closing(openSocket(url, "graphql-ws", { origin }));
      socket.terminate();
    }
    for (const origin of ["https://evil.example.com", "null", "https://tools.example.com.evil.example.com"]) {
      await expect(openSocket(url, "graphql-ws", { origin })).rejects.toThrow("rejected with 403");
    }
  });

  it("accepts a limited number of sockets", async () => {
    for (let nth = 0; nth < 3; nth += 1) await closing(openSocket(url, "graphql-ws"));
    await expect(openSocket(url, "graphql-ws")).rejects.toThrow("rejected with 503");
    expect(await (await fetch(`${operationsUrl}/metrics`)).text()).toContain('houston_websockets{kind="sockets"} 3');
  });

  it("treats other upgrades as ordinary requests", async () => {
    const asked = request(`${url}/healthz`.replace("/healthz", "/v1/healthz"), {
      headers: { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAARAAAAAAAIAAAAA" },
    });
    asked.end();
    const [answer] = await once(asked, "response");
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });

  it("closes the socket on a message that is too large", async () => {
    for (const protocol of protocols) {
      const { socket, closed } = await closing(openSocket(url, protocol));
      socket.send("x".repeat(262_145));
      expect((await closed).code).toBe(1009);
    }
  });

  it("pings clients, and terminates those that do not respond", async () => {
    const { token } = await build.user();
    const sockets = [];
    for (const protocol of protocols) sockets.push(await closing(openAs(url, protocol, token)));
    const { hostname, port } = new URL(url);
    const stream = connect(Number(port), hostname);
    stream.write(
      "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-ws\r\n\r\n",
    );
    stream.on("error", () => undefined).resume();
    const cutOff = once(stream, "close");
    await expect.poll(() => app.sockets().sockets).toBe(3);
    for (const left of [3, 2, 2]) {
      const pinged = Promise.all(sockets.map(({ socket }) => once(socket, "ping")));
      vi.advanceTimersByTime(config.subscriptions.pingInterval);
      await pinged;
      for (const socket of sockets) {
        // The server handles the pong first, then this operation.
        operationsOn(socket).start("1", "{ self { user { id } } }");
        await socket.next(ofType("complete"));
      }
      expect(app.sockets().sockets).toBe(left);
    }
    await cutOff;
    const [old] = sockets;
    // One with the acknowledgment, then one with each ping.
    expect(old?.messages.filter(ofType("ka"))).toHaveLength(4);
  });

  it.each(protocols)("accepts the token of connection_init in any case and under headers: %s", async (protocol) => {
    const { token, id } = await build.user();
    for (const payload of [
      { authorization: token },
      { Authorization: `Bearer ${token}` },
      { AUTHORIZATION: token },
      { headers: { authorization: token } },
      { headers: { Authorization: `bearer ${token}` } },
      { Headers: { Authorization: token } },
      { authorization: null, headers: { authorization: token } },
    ]) {
      const socket = await closing(openSocket(url, protocol));
      socket.send({ type: "connection_init", payload });
      await socket.next(ofType("connection_ack"));
      operationsOn(socket).start("1", "{ self { user { id } } }");
      const { payload: result } = await socket.next(({ type }) => ["data", "next"].includes(type));
      expect(result, JSON.stringify(payload)).toEqual({ data: { self: { user: { id } } } });
      socket.socket.terminate();
      await socket.closed;
      await expect.poll(() => app.sockets().sockets).toBe(0);
    }
    for (const payload of [{ headers: { authorization: 5 } }, { headers: { authorization: "not.a.token" } }]) {
      const socket = await closing(openSocket(url, protocol));
      socket.send({ type: "connection_init", payload });
      expect((await socket.closed).code).toBe(4401);
    }
  });

  it("uses the token of the HTTP request when connection_init has none", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(openSocket(url, "graphql-ws", { headers: { authorization: viewer.token } }));
    socket.send({ type: "connection_init" });
    socket.send({ type: "start", payload: { query: SUBSCRIBE, variables: { release: deployment.releaseName } } });
    expect((await socket.next(({ type }) => type === "data")).payload.data.deploymentStatus.status).toBe("UNKNOWN");
  });
});

const field = 'deploymentStatus(releaseName: "x") { status }';
const oversized = [
  ["tokens", `subscription { ${field.replace("status", "status ".repeat(60))} }`],
  ["aliases", `subscription { ${field.replace("status }", "a: status b: status c: status }")} }`],
  ["directives", `subscription { ${field} @a @b @c }`],
  [
    "fragment cycles",
    `subscription { deploymentStatus(releaseName: "x") { ...a } } fragment a on DeploymentStatus { ...a }`,
  ],
  ["introspection", "subscription { __schema { queryType { name } } }"],
  ["several fields", `subscription { ${field} b: ${field} }`],
  ["a query's depth", "{ workspaces { deployments { workspace { deployments { id } } } } }"],
  ["a query's introspection", "{ __schema { queryType { name } } }"],
  ["a query's syntax", "{"],
] as const;

describe("documents over a socket", () => {
  it.each(oversized)("have the same limits as over HTTP: %s", async (_, query) => {
    const { token } = await small.build.user();
    const old = await subscribeLegacy(small.url, token, query);
    const answer = await old.next(({ type }) => type === "error" || type === "data");
    const [first] = answer.payload.errors ?? [answer.payload];
    expect(first.extensions.code).toMatch(/^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
    old.socket.terminate();

    const socket = await openTransportWs(small.url, token);
    socket.send({ type: "subscribe", id: "1", payload: { query } });
    const { payload } = await socket.next();
    const [error] = payload.errors ?? payload;
    expect(error.extensions.code).toBe(first.extensions.code);
    socket.socket.terminate();
  });
});

describe("a server that stops", () => {
  it("accepts sockets while it drains, as it accepts requests, then closes all", async () => {
    const leaving = await startTestApp();
    const { deployment, viewer } = await createBuild(leaving.db, leaving.config).deployment();
    const old = await subscribeLegacy(leaving.url, viewer.token, SUBSCRIBE, { release: deployment.releaseName });
    await old.next(({ type }) => type === "data");
    const socket = await openTransportWs(leaving.url, viewer.token);
    leaving.app.readiness.draining = true;
    const late = await openTransportWs(leaving.url, viewer.token);
    await leaving.close();
    expect((await late.closed).code).toBe(1001);
    expect((await old.closed).code).toBe(1001);
    expect((await socket.closed).code).toBe(1001);
  });
});
