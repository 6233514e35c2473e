import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { testHouston } from "../support/houston.ts";
import { closingSockets, openSocket, openTransportWs, SUBSCRIBE } from "../support/sockets.ts";

const { url, build, db, app } = await testHouston();

const closing = closingSockets();

describe("graphql-transport-ws", () => {
  it("works with its own client library", async () => {
    const { deployment, viewer } = await build.deployment();
    const client = createClient({
      url: `${url.replace("http", "ws")}/ws`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: viewer.token },
      retryAttempts: 0,
    });
    const seen: unknown[] = [];
    for await (const result of client.iterate({ query: SUBSCRIBE, variables: { release: deployment.releaseName } })) {
      seen.push(result);
      if (seen.length === 2) break;
      await db.deployment.update({ where: { id: deployment.id }, data: { status: "DEPLOYING" } });
    }
    expect(seen).toEqual([
      { data: { deploymentStatus: { status: "UNKNOWN" } } },
      { data: { deploymentStatus: { status: "DEPLOYING" } } },
    ]);
    await client.dispose();
    await expect.poll(() => app.sockets()).toEqual({ sockets: 0, operations: 0 });
    expect(app.services.statusEvents.count()).toBe(0);
  });

  it("runs queries and mutations like HTTP", async () => {
    const user = await build.user();
    const socket = await closing(openTransportWs(url, user.token));
    socket.send({ type: "subscribe", id: "1", payload: { query: "{ self { user { id } } }" } });
    expect(await socket.next()).toMatchObject({
      type: "next",
      payload: { data: { self: { user: { id: user.id } } } },
    });
    expect(await socket.next()).toEqual({ type: "complete", id: "1" });
  });

  it("is final for its own client library when the token is invalid", async () => {
    let connections = 0;
    const client = createClient({
      url: `${url.replace("http", "ws")}/ws`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: "not.a.token" },
      retryAttempts: 3,
      retryWait: async () => {},
      on: {
        opened: () => {
          connections += 1;
        },
      },
    });
    const events = client.iterate({ query: "{ self { user { id } } }" });
    await expect(events.next()).rejects.toMatchObject({ code: 4401, reason: "The token is invalid or expired" });
    expect(connections).toBe(1);
  });

  it("rejects an invalid token, and an expired session", async () => {
    const user = await build.user();
    await db.session.deleteMany({ where: { userId: user.id } });
    for (const authorization of ["not.a.token", user.token, 5]) {
      const socket = await closing(openSocket(url, "graphql-transport-ws"));
      socket.send({ type: "connection_init", payload: { authorization } });
      expect(await socket.closed).toEqual({ code: 4401, reason: "The token is invalid or expired" });
    }
  });

  it("rejects denied and anonymous callers, and invalid operations", async () => {
    const { deployment, home } = await build.deployment();
    for (const [token, code] of [
      [home?.outsider.token, "FORBIDDEN"],
      [undefined, "UNAUTHENTICATED"],
    ] as const) {
      const socket = await closing(openTransportWs(url, token));
      socket.send({
        type: "subscribe",
        id: "1",
        payload: { query: SUBSCRIBE, variables: { release: deployment.releaseName } },
      });
      const { payload } = await socket.next();
      expect(payload.errors[0]).toMatchObject({
        message: "You do not have the appropriate permissions for that",
        extensions: { code },
      });
    }
    const socket = await closing(openTransportWs(url));
    socket.send({ type: "subscribe", id: "1", payload: { query: "subscription { deploymentState }" } });
    const { type, payload } = await socket.next();
    expect(type).toBe("error");
    expect(payload[0].message).toBe('Cannot query field "deploymentState" on type "Subscription".');
    expect(payload[0].extensions).toEqual({ code: "GRAPHQL_VALIDATION_FAILED" });
    socket.send({ type: "subscribe", id: "2", payload: { query: SUBSCRIBE, variables: { release: 5 } } });
    expect((await socket.next()).payload.errors[0].extensions.code).toBe("BAD_USER_INPUT");
  });

  it("closes on a subscription before connection_init, and on binary messages", async () => {
    const hasty = await closing(openSocket(url, "graphql-transport-ws"));
    hasty.send({ type: "subscribe", id: "1", payload: { query: SUBSCRIBE } });
    expect((await hasty.closed).code).toBe(4401);
    const binary = await closing(openSocket(url, "graphql-transport-ws"));
    binary.socket.send(Buffer.from([1, 2, 3]));
    expect((await binary.closed).code).toBe(1003);
  });
});
