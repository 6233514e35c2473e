import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { lockTables } from "../support/lockTables.ts";
import { patient } from "../support/patient.ts";
import { closingSockets, ofType, openAs, openSocket, operationsOn, protocols, SUBSCRIBE } from "../support/sockets.ts";

const { url, build, db, app } = await testHouston({ ...patient, subscriptions: { perSocket: 2 } });
const impatient = await testHouston({ subscriptions: { initTimeout: 2_000 } });
const closing = closingSockets();

const SELF = "{ self { user { id } } }";
const tooMany = expect.stringContaining("At most 2");
/** The message of an `error`, which graphql-transport-ws sends as a list. */
const messageIn = ({ payload }: { payload: { message: string } | [{ message: string }] }) =>
  Array.isArray(payload) ? payload[0].message : payload.message;

describe.each(protocols)("a socket of %s", (protocol) => {
  it("runs a limited number of operations, and others after some are stopped", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(openAs(url, protocol, viewer.token));
    const { start, stop } = operationsOn(socket);
    const variables = { release: deployment.releaseName };
    for (const id of ["1", "2", "3"]) start(id, SUBSCRIBE, variables);
    const refused = await socket.next(ofType("error"));
    expect([refused.id, messageIn(refused)]).toEqual(["3", tooMany]);
    // All together, as when a page replaces another.
    for (const id of ["1", "2"]) stop(id);
    for (const id of ["4", "5"]) start(id, SUBSCRIBE, variables);
    const answered = new Set<string>();
    while (!answered.has("4") || !answered.has("5")) {
      const { type, id } = await socket.next();
      expect(type).not.toBe("error");
      if (type === "data" || type === "next") answered.add(id);
    }
  });

  it("limits operations that are stopped while they run", async () => {
    const { token } = await build.user();
    const socket = await closing(openAs(url, protocol, token));
    const { start, stop } = operationsOn(socket);
    const release = await lockTables({ db }, "Session");
    try {
      for (const [total, ...ids] of [
        [2, "a", "b"],
        [4, "c", "d"],
      ] as const) {
        for (const id of ids) start(id, SELF);
        await expect.poll(() => app.sockets().operations).toBe(total);
        for (const id of ids) stop(id);
      }
      for (let nth = 0; nth < 50; nth += 1) {
        start(`${nth}`, SELF);
        stop(`${nth}`);
      }
      start("one more", SELF);
      expect(messageIn(await socket.next(({ type, id }) => type === "error" && id === "one more"))).toEqual(tooMany);
      // Twice as many as may run.
      await expect.poll(() => app.sockets().operations).toBe(4);
    } finally {
      await release();
    }
    await expect.poll(() => app.sockets().operations).toBe(0);
    start("again", SELF);
    expect(await socket.next((message) => message.id === "again")).toMatchObject({ payload: { data: { self: {} } } });
  });
});

describe("a graphql-transport-ws socket", () => {
  it("limits operations that are started and stopped together", async () => {
    const { token } = await build.user();
    const socket = await closing(openAs(url, "graphql-transport-ws", token));
    const { start, stop } = operationsOn(socket);
    const release = await lockTables({ db }, "Session");
    try {
      for (let nth = 0; nth < 50; nth += 1) {
        start(`${nth}`, SELF);
        stop(`${nth}`);
      }
      socket.send({ type: "ping" });
      await socket.next(ofType("pong"));
      await expect.poll(() => app.sockets().operations).toBe(4);
    } finally {
      await release();
    }
  });
});

describe("a legacy graphql-ws socket", () => {
  it("limits operations that are started again with the same ID", async () => {
    const { token } = await build.user();
    const socket = await closing(openAs(url, "graphql-ws", token));
    const { start } = operationsOn(socket);
    const release = await lockTables({ db }, "Session");
    try {
      for (const total of [1, 2, 3, 4]) {
        start("1", SELF);
        await expect.poll(() => app.sockets().operations).toBe(total);
      }
      start("1", SELF);
      expect(messageIn(await socket.next(ofType("error")))).toEqual(tooMany);
    } finally {
      await release();
    }
  });

  it("does not run an operation that was stopped before connection_init", async () => {
    const { token } = await build.user();
    const socket = await closing(openSocket(url, "graphql-ws"));
    const { start, stop } = operationsOn(socket);
    start("1", `mutation { createWorkspace(label: "Stopped") { id } }`);
    stop("1");
    start("2", `mutation { createWorkspace(label: "Wanted") { id } }`);
    socket.send({ type: "connection_init", payload: { authorization: token } });
    await socket.next((message) => message.type === "complete" && message.id === "2");
    expect(await db.workspace.findMany({ select: { label: true } })).toContainEqual({ label: "Wanted" });
    expect(await db.workspace.findMany({ select: { label: true } })).not.toContainEqual({ label: "Stopped" });
  });

  it("limits messages before connection_init, and ignores those after it closes", async () => {
    const { token } = await build.user();
    const socket = await closing(openSocket(url, "graphql-ws"));
    const { start } = operationsOn(socket);
    start("1", `mutation { createWorkspace(label: "Early") { id } }`);
    for (let nth = 0; nth < 3; nth += 1) start("2", SELF, { filler: "x".repeat(30_000) });
    socket.send({ type: "connection_init", payload: { authorization: token } });
    expect((await socket.closed).code).toBe(4429);
    expect(await db.workspace.count({ where: { label: "Early" } })).toBe(0);
  });
});

describe.each(protocols)("an idle socket of %s", (protocol) => {
  it("is closed without connection_init, and when its caller is anonymous", async () => {
    const silent = await closing(openSocket(impatient.url, protocol));
    const anonymous = await closing(openSocket(impatient.url, protocol));
    anonymous.send({ type: "connection_init", payload: { authorization: "" } });
    for (const { closed } of [silent, anonymous]) expect((await closed).code).toBe(4408);
    expect(anonymous.messages[0]).toEqual({ type: "connection_ack" });
  });

  it("stays open with a token, or while an operation runs", async () => {
    const { token } = await impatient.build.user();
    const release = await lockTables(impatient, "User");
    let busy: Awaited<ReturnType<typeof openAs>>;
    try {
      busy = await closing(openAs(impatient.url, protocol));
      operationsOn(busy).start(
        "1",
        `mutation { createToken(identity: "a@example.com", password: "x") { user { id } } }`,
      );
      await expect.poll(() => impatient.app.sockets().operations).toBe(1);
      const idle = await closing(openAs(impatient.url, protocol));
      expect((await idle.closed).code).toBe(4408);
      expect(busy.socket.readyState).toBe(busy.socket.OPEN);
    } finally {
      await release();
    }
    expect(await busy.next(({ id }) => id === "1")).toMatchObject({ payload: { errors: [{}] } });
    expect((await busy.closed).code).toBe(4408);

    const authenticated = await closing(openAs(impatient.url, protocol, token));
    await sleep(2_500);
    operationsOn(authenticated).start("1", SELF);
    expect(await authenticated.next(({ id }) => id === "1")).toMatchObject({ payload: { data: { self: {} } } });
  });
});
