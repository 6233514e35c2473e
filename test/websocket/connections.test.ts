import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { testHouston } from "../support/houston.ts";
import {
  closingSockets,
  FOLLOW,
  followOld,
  ofType,
  openAs,
  openNew,
  openSocket,
  protocols,
  speaking,
} from "../support/sockets.ts";

// Signs of life come when a test says so, by `vi.advanceTimersByTime`.
vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
const { url, build, app, config, operationsUrl } = await testHouston({
  cors: { allowedOrigins: ["https://tools.example.com"] },
  subscriptions: { maxSockets: 3 },
});
const small = await testHouston({
  apollo: { introspection: false },
  limits: { tokens: 60, aliases: 2, depth: 3, directives: 2 },
});

// Hooks run in the opposite order: first the sockets go.
afterEach(async () => {
  await expect.poll(() => app.sockets()).toEqual({ sockets: 0, operations: 0 });
});
const closing = closingSockets();

describe("the door of /ws", () => {
  it("answers with and without a slash at the end, and prefers the newer protocol", async () => {
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

  it("refuses other paths, and clients that speak neither protocol", async () => {
    await expect(openSocket(url, "graphql-ws", { path: "/v1" })).rejects.toThrow("refused with");
    await expect(openSocket(url, "mqtt" as never)).rejects.toThrow("refused with 400");
  });

  it("lets pages of known origins and our own in, no others", async () => {
    for (const origin of ["https://tools.example.com", "https://app.localhost", url]) {
      const { socket } = await closing(openSocket(url, "graphql-ws", { origin }));
      socket.terminate();
    }
    for (const origin of ["https://evil.example.com", "null", "https://tools.example.com.evil.example.com"]) {
      await expect(openSocket(url, "graphql-ws", { origin })).rejects.toThrow("refused with 403");
    }
  });

  it("takes so many sockets and no more", async () => {
    for (let nth = 0; nth < 3; nth += 1) await closing(openSocket(url, "graphql-ws"));
    await expect(openSocket(url, "graphql-ws")).rejects.toThrow("refused with 503");
    expect(await (await fetch(`${operationsUrl}/metrics`)).text()).toContain('websockets{kind="sockets"} 3');
  });

  it("leaves other upgrades ordinary requests", async () => {
    const asked = request(`${url}/healthz`.replace("/healthz", "/v1/healthz"), {
      headers: { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAARAAAAAAAIAAAAA" },
    });
    asked.end();
    const [answer] = await once(asked, "response");
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });

  it("closes on a message that is too large", async () => {
    for (const protocol of protocols) {
      const { socket, closed } = await closing(openSocket(url, protocol));
      socket.send("x".repeat(262_145));
      expect((await closed).code).toBe(1009);
    }
  });

  it("gives signs of life, and cuts off who does not answer them", async () => {
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
        // What it answers here, the server reads after its sign of life.
        speaking(socket).begin("1", "{ self { user { id } } }");
        await socket.next(ofType("complete"));
      }
      expect(app.sockets().sockets).toBe(left);
    }
    await cutOff;
    const [old] = sockets;
    // One with the acknowledgement, one with each sign of life.
    expect(old?.messages.filter(ofType("ka"))).toHaveLength(4);
  });

  it("takes the token of the request where the introduction has none", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(openSocket(url, "graphql-ws", { headers: { authorization: viewer.token } }));
    socket.send({ type: "connection_init" });
    socket.send({ type: "start", payload: { query: FOLLOW, variables: { release: deployment.releaseName } } });
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
  it.each(oversized)("have the limits they have over HTTP: %s", async (_, query) => {
    const { token } = await small.build.user();
    const old = await followOld(small.url, token, query);
    const answer = await old.next(({ type }) => type === "error" || type === "data");
    const [first] = answer.payload.errors ?? [answer.payload];
    expect(first.extensions.code).toMatch(/^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
    old.socket.terminate();

    const socket = await openNew(small.url, token);
    socket.send({ type: "subscribe", id: "1", payload: { query } });
    const { payload } = await socket.next();
    const [error] = payload.errors ?? payload;
    expect(error.extensions.code).toBe(first.extensions.code);
    socket.socket.terminate();
  });
});

describe("a server that stops", () => {
  it("takes no more sockets while it drains, then tells each client to go elsewhere", async () => {
    const leaving = await startTestApp();
    const { deployment, viewer } = await createBuild(leaving.db, leaving.config).deployment();
    const old = await followOld(leaving.url, viewer.token, FOLLOW, { release: deployment.releaseName });
    await old.next(({ type }) => type === "data");
    const socket = await openNew(leaving.url, viewer.token);
    leaving.app.readiness.draining = true;
    await expect(openSocket(leaving.url, "graphql-ws")).rejects.toThrow("refused with 503");
    await leaving.close();
    expect((await old.closed).code).toBe(1001);
    expect((await socket.closed).code).toBe(1001);
  });
});
