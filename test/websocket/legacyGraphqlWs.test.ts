import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { closingSockets, ofType, openSocket, SUBSCRIBE, subscribeLegacy } from "../support/sockets.ts";

const { url, build, db, app } = await testHouston();

const closing = closingSockets();

describe("legacy graphql-ws", () => {
  it("accepts a start without an ID and before the ack, and sends objects without an ID", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(subscribeLegacy(url, viewer.token, SUBSCRIBE, { release: deployment.releaseName }));
    expect(await socket.next()).toEqual({ type: "connection_ack" });
    expect(await socket.next()).toEqual({ type: "ka" });
    expect(await socket.next()).toEqual({
      type: "data",
      payload: { data: { deploymentStatus: { status: "UNKNOWN" } } },
    });
    await db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY" } });
    const { payload } = await socket.next(ofType("data"));
    expect(payload.data).toEqual({ deploymentStatus: { status: "HEALTHY" } });
  });

  it("delays a start until connection_init", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(openSocket(url, "graphql-ws"));
    const payload = { query: SUBSCRIBE, variables: { release: deployment.releaseName } };
    socket.send({ type: "start", id: "1", payload });
    socket.send({ type: "connection_init", payload: { authorization: `Bearer ${viewer.token}` } });
    expect(await socket.next(ofType("data"))).toMatchObject({ id: "1" });
    expect(socket.messages[0]).toEqual({ type: "connection_ack" });
  });

  it("separates operations by ID, ends one on stop and all on connection_terminate", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(openSocket(url, "graphql-ws"));
    socket.send({ type: "connection_init", payload: { authorization: viewer.token } });
    for (const id of ["1", "2"]) {
      socket.send({ type: "start", id, payload: { query: SUBSCRIBE, variables: { release: deployment.releaseName } } });
      await socket.next((message) => message.type === "data" && message.id === id);
    }
    socket.send({ type: "stop", id: "1" });
    expect(await socket.next(ofType("complete"))).toEqual({ type: "complete", id: "1" });
    await db.deployment.update({ where: { id: deployment.id }, data: { status: "UNHEALTHY" } });
    expect(await socket.next(ofType("data"))).toMatchObject({ id: "2" });

    socket.send({ type: "connection_terminate" });
    expect((await socket.closed).code).toBe(1000);
    await expect.poll(() => app.services.statusEvents.count()).toBe(0);
  });

  it("runs queries and mutations like HTTP", async () => {
    const user = await build.user();
    const socket = await closing(openSocket(url, "graphql-ws"));
    socket.send({ type: "connection_init", payload: { authorization: user.token } });
    socket.send({
      type: "start",
      id: "1",
      payload: { query: `mutation { createWorkspace(label: "Over a socket") { label } }` },
    });
    expect(await socket.next(ofType("data"))).toEqual({
      type: "data",
      id: "1",
      payload: { data: { createWorkspace: { label: "Over a socket" } } },
    });
    expect(await socket.next(ofType("complete"))).toEqual({ type: "complete", id: "1" });
    socket.send({ type: "start", id: "2", payload: { query: "{ users { id } }", variables: null } });
    const { payload } = await socket.next(ofType("data"));
    expect(payload.errors[0].extensions.code).toBe("FORBIDDEN");
  });

  it("rejects an invalid token with a message and its own close code", async () => {
    const socket = await closing(subscribeLegacy(url, "not.a.token", SUBSCRIBE));
    expect(await socket.next()).toEqual({
      type: "connection_error",
      payload: { message: "The token is invalid or expired" },
    });
    expect((await socket.closed).code).toBe(4401);
    expect(socket.messages).toHaveLength(1);
  });

  it("reports a denied subscription in an object", async () => {
    const { deployment, home } = await build.deployment();
    for (const user of [home?.outsider, home?.viewer]) {
      const socket = await closing(
        subscribeLegacy(url, user?.token ?? "", SUBSCRIBE, { release: deployment.releaseName }),
      );
      const { payload } = await socket.next(ofType("error"));
      expect(payload).toMatchObject({
        message: "You do not have the appropriate permissions for that",
        extensions: { code: "FORBIDDEN" },
      });
      expect(await socket.next()).toEqual({ type: "complete" });
    }
    const nobody = await closing(openSocket(url, "graphql-ws"));
    nobody.send({ type: "connection_init", payload: {} });
    nobody.send({ type: "start", payload: { query: SUBSCRIBE, variables: { release: deployment.releaseName } } });
    expect((await nobody.next(ofType("error"))).payload.extensions.code).toBe("UNAUTHENTICATED");
  });

  it("closes on an invalid message", async () => {
    const socket = await closing(openSocket(url, "graphql-ws"));
    socket.socket.send("hello");
    expect((await socket.closed).code).toBe(4400);
    const unknown = await closing(openSocket(url, "graphql-ws"));
    unknown.send({ type: "connection_init" });
    unknown.send({ type: "sing" });
    expect(await unknown.next(ofType("error"))).toMatchObject({ payload: { message: expect.any(String) } });
  });
});
