import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { closingSockets, FOLLOW, ofType, openAs, openSocket, protocols, speaking } from "../support/sockets.ts";

const { url, build, db, app } = await testHouston({ subscriptions: { perSocket: 2 } });
const impatient = await testHouston({ subscriptions: { initTimeout: 1_000 } });
const closing = closingSockets();

const SELF = "{ self { user { id } } }";
const tooMany = expect.stringContaining("At most 2");
/** The message of an `error`, which the newer protocol sends as a list. */
const messageIn = ({ payload }: { payload: { message: string } | [{ message: string }] }) =>
  Array.isArray(payload) ? payload[0].message : payload.message;

/** Whatever reads or writes these tables waits until `release`. */
async function hold(houston: { db: typeof db }, ...tables: string[]) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: holding } = Promise.withResolvers<void>();
  const done = houston.db.$transaction(
    async (tx) => {
      for (const table of tables) await tx.$executeRawUnsafe(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
      holding();
      await released;
    },
    { timeout: 60_000 },
  );
  await Promise.race([held, done]);
  return async () => {
    release();
    await done;
  };
}

describe.each(protocols)("one socket of %s", (protocol) => {
  it("runs so many operations and no more, and others in the place of those that were stopped", async () => {
    const { deployment, viewer } = await build.deployment();
    const socket = await closing(openAs(url, protocol, viewer.token));
    const { begin, end } = speaking(socket);
    const variables = { release: deployment.releaseName };
    for (const id of ["1", "2", "3"]) begin(id, FOLLOW, variables);
    const refused = await socket.next(ofType("error"));
    expect([refused.id, messageIn(refused)]).toEqual(["3", tooMany]);
    // All at once, as when a page gives way to another.
    for (const id of ["1", "2"]) end(id);
    for (const id of ["4", "5"]) begin(id, FOLLOW, variables);
    const answered = new Set<string>();
    while (!answered.has("4") || !answered.has("5")) {
      const { type, id } = await socket.next();
      expect(type).not.toBe("error");
      if (type === "data" || type === "next") answered.add(id);
    }
  });

  it("does not pile up work by stopping what has begun", async () => {
    const { token } = await build.user();
    const socket = await closing(openAs(url, protocol, token));
    const { begin, end } = speaking(socket);
    const release = await hold({ db }, "Session");
    try {
      for (const [total, ...ids] of [
        [2, "a", "b"],
        [4, "c", "d"],
      ] as const) {
        for (const id of ids) begin(id, SELF);
        await expect.poll(() => app.sockets().operations).toBe(total);
        for (const id of ids) end(id);
      }
      for (let nth = 0; nth < 50; nth += 1) {
        begin(`${nth}`, SELF);
        end(`${nth}`);
      }
      begin("one more", SELF);
      expect(messageIn(await socket.next(({ type, id }) => type === "error" && id === "one more"))).toEqual(tooMany);
      // Twice as many as may run.
      await expect.poll(() => app.sockets().operations).toBe(4);
    } finally {
      await release();
    }
    await expect.poll(() => app.sockets().operations).toBe(0);
    begin("again", SELF);
    expect(await socket.next((message) => message.id === "again")).toMatchObject({ payload: { data: { self: {} } } });
  });
});

describe("one socket of the newer protocol", () => {
  it("does not pile up work that comes and is stopped in one breath", async () => {
    const { token } = await build.user();
    const socket = await closing(openAs(url, "graphql-transport-ws", token));
    const { begin, end } = speaking(socket);
    const release = await hold({ db }, "Session");
    try {
      for (let nth = 0; nth < 50; nth += 1) {
        begin(`${nth}`, SELF);
        end(`${nth}`);
      }
      socket.send({ type: "ping" });
      await socket.next(ofType("pong"));
      await expect.poll(() => app.sockets().operations).toBe(4);
    } finally {
      await release();
    }
  });
});

describe("one socket of the old protocol", () => {
  it("does not pile up work by starting one id again and again", async () => {
    const { token } = await build.user();
    const socket = await closing(openAs(url, "graphql-ws", token));
    const { begin } = speaking(socket);
    const release = await hold({ db }, "Session");
    try {
      for (const total of [1, 2, 3, 4]) {
        begin("1", SELF);
        await expect.poll(() => app.sockets().operations).toBe(total);
      }
      begin("1", SELF);
      expect(messageIn(await socket.next(ofType("error")))).toEqual(tooMany);
    } finally {
      await release();
    }
  });

  it("does not run what was stopped before the introduction", async () => {
    const { token } = await build.user();
    const socket = await closing(openSocket(url, "graphql-ws"));
    const { begin, end } = speaking(socket);
    begin("1", `mutation { createWorkspace(label: "Stopped") { id } }`);
    end("1");
    begin("2", `mutation { createWorkspace(label: "Wanted") { id } }`);
    socket.send({ type: "connection_init", payload: { authorization: token } });
    await socket.next((message) => message.type === "complete" && message.id === "2");
    expect(await db.workspace.findMany({ select: { label: true } })).toContainEqual({ label: "Wanted" });
    expect(await db.workspace.findMany({ select: { label: true } })).not.toContainEqual({ label: "Stopped" });
  });

  it("keeps little that comes before the introduction, and does not listen to who was told to go", async () => {
    const { token } = await build.user();
    const socket = await closing(openSocket(url, "graphql-ws"));
    const { begin } = speaking(socket);
    begin("1", `mutation { createWorkspace(label: "Early") { id } }`);
    for (let nth = 0; nth < 3; nth += 1) begin("2", SELF, { filler: "x".repeat(30_000) });
    socket.send({ type: "connection_init", payload: { authorization: token } });
    expect((await socket.closed).code).toBe(4429);
    expect(await db.workspace.count({ where: { label: "Early" } })).toBe(0);
  });
});

describe.each(protocols)("a socket of %s that asks nothing", (protocol) => {
  it("is closed when nobody introduces themselves, and when nobody in particular does", async () => {
    const silent = await closing(openSocket(impatient.url, protocol));
    const anonymous = await closing(openSocket(impatient.url, protocol));
    anonymous.send({ type: "connection_init", payload: { authorization: "" } });
    for (const { closed } of [silent, anonymous]) expect((await closed).code).toBe(4408);
    expect(anonymous.messages[0]).toEqual({ type: "connection_ack" });
  });

  it("stays with a token, and while its question is under way", async () => {
    const { token } = await impatient.build.user();
    const release = await hold(impatient, "User");
    let asking: Awaited<ReturnType<typeof openAs>>;
    try {
      asking = await closing(openAs(impatient.url, protocol));
      speaking(asking).begin("1", `mutation { createToken(identity: "a@example.com", password: "x") { user { id } } }`);
      await expect.poll(() => impatient.app.sockets().operations).toBe(1);
      const idle = await closing(openAs(impatient.url, protocol));
      expect((await idle.closed).code).toBe(4408);
      expect(asking.socket.readyState).toBe(asking.socket.OPEN);
    } finally {
      await release();
    }
    expect(await asking.next(({ id }) => id === "1")).toMatchObject({ payload: { errors: [{}] } });
    expect((await asking.closed).code).toBe(4408);

    const known = await closing(openAs(impatient.url, protocol, token));
    await sleep(1_500);
    speaking(known).begin("1", SELF);
    expect(await known.next(({ id }) => id === "1")).toMatchObject({ payload: { data: { self: {} } } });
  });
});
