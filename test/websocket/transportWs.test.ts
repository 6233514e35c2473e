import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { testHouston } from "../support/houston.ts";
import { closingSockets, FOLLOW, openNew, openSocket } from "../support/sockets.ts";

const { url, build, db, app } = await testHouston();

const closing = closingSockets();

describe("graphql-transport-ws", () => {
  it("serves the client of its own library", async () => {
    const { deployment, viewer } = await build.deployment();
    const client = createClient({
      url: `${url.replace("http", "ws")}/ws`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: viewer.token },
      retryAttempts: 0,
    });
    const seen: unknown[] = [];
    for await (const result of client.iterate({ query: FOLLOW, variables: { release: deployment.releaseName } })) {
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

  it("answers queries and mutations as HTTP does", async () => {
    const person = await build.user();
    const socket = await closing(openNew(url, person.token));
    socket.send({ type: "subscribe", id: "1", payload: { query: "{ self { user { id } } }" } });
    expect(await socket.next()).toMatchObject({
      type: "next",
      payload: { data: { self: { user: { id: person.id } } } },
    });
    expect(await socket.next()).toEqual({ type: "complete", id: "1" });
  });

  it("refuses a token that is not good, and a session that has ended", async () => {
    const person = await build.user();
    await db.session.deleteMany({ where: { userId: person.id } });
    for (const authorization of ["not.a.token", person.token, 5]) {
      const socket = await closing(openSocket(url, "graphql-transport-ws"));
      socket.send({ type: "connection_init", payload: { authorization } });
      expect((await socket.closed).code).toBe(4403);
    }
  });

  it("refuses who may not, whoever is nobody, and what is no operation", async () => {
    const { deployment, home } = await build.deployment();
    for (const [token, code] of [
      [home?.outsider.token, "FORBIDDEN"],
      [undefined, "UNAUTHENTICATED"],
    ] as const) {
      const socket = await closing(openNew(url, token));
      socket.send({
        type: "subscribe",
        id: "1",
        payload: { query: FOLLOW, variables: { release: deployment.releaseName } },
      });
      const { payload } = await socket.next();
      expect(payload.errors[0]).toMatchObject({
        message: "You do not have the appropriate permissions for that",
        extensions: { code },
      });
    }
    const socket = await closing(openNew(url));
    socket.send({ type: "subscribe", id: "1", payload: { query: "subscription { deploymentState }" } });
    const { type, payload } = await socket.next();
    expect(type).toBe("error");
    expect(payload[0].message).toBe('Cannot query field "deploymentState" on type "Subscription".');
    expect(payload[0].extensions).toEqual({ code: "GRAPHQL_VALIDATION_FAILED" });
    socket.send({ type: "subscribe", id: "2", payload: { query: FOLLOW, variables: { release: 5 } } });
    expect((await socket.next()).payload.errors[0].extensions.code).toBe("BAD_USER_INPUT");
  });

  it("closes for a subscription before the introduction, and for bytes", async () => {
    const hasty = await closing(openSocket(url, "graphql-transport-ws"));
    hasty.send({ type: "subscribe", id: "1", payload: { query: FOLLOW } });
    expect((await hasty.closed).code).toBe(4401);
    const binary = await closing(openSocket(url, "graphql-transport-ws"));
    binary.socket.send(Buffer.from([1, 2, 3]));
    expect((await binary.closed).code).toBe(1003);
  });
});
