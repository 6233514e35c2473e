import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { closingSockets, openTransportWs, subscribeLegacy, type TestSocket } from "../support/sockets.ts";
import { elasticsearch } from "./elasticsearch.ts";

const store = await elasticsearch();
const { url, build } = await testHouston({
  elasticsearch: { enabled: true, client: { node: store.url }, pollInterval: 20 },
});
const without = await testHouston();

const LOG = `subscription ($id: Uuid!, $component: String, $timestamp: DateTime, $search: String) {
  log(deploymentUuid: $id, component: $component, timestamp: $timestamp, search: $search) { id timestamp message }
}`;

const closing = closingSockets();
beforeEach(() => {
  store.lines = [];
  store.instead = undefined;
});

const built = await build.deployment();
const { deployment, viewer } = built;
const epoch = Date.parse("2026-11-21T06:00:00Z");
let count = 0;
/** Adds a line with this time in milliseconds. */
const add = (at: number, given: { component?: string; release?: string; message?: string } = {}) => {
  count += 1;
  const timestamp = new Date(epoch + at).toISOString().replace("Z", "924246Z");
  const line = {
    id: `${count}`,
    timestamp,
    release: deployment.releaseName,
    component: "scheduler",
    message: `line ${count}`,
  };
  store.lines.push({ ...line, ...given });
  return `${count}`;
};

async function subscribe(variables: object = {}, token = viewer.token) {
  const given = { id: deployment.id, timestamp: new Date(epoch).toISOString(), ...variables };
  return closing(subscribeLegacy(url, token, LOG, given));
}
const lineOn = async (socket: TestSocket) => (await socket.next(({ type }) => type === "data")).payload.data.log;
const idsOn = async (socket: TestSocket, count: number) => {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await lineOn(socket)).id);
  return ids;
};

describe("log", () => {
  it("sends stored lines from the given time, then new ones, without gaps or duplicates", async () => {
    const before = [add(1), add(2), add(2)];
    const socket = await subscribe();
    expect(await idsOn(socket, 3)).toEqual(before);
    const after = [add(2), add(2_000)];
    // Collectors deliver out of order.
    const late = add(1_500);
    const more = [...after, late].sort();
    expect((await idsOn(socket, 3)).sort()).toEqual(more);
    const last = add(30_000);
    expect(await idsOn(socket, 1)).toEqual([last]);
    const sent = socket.messages.filter(({ type }) => type === "data").map(({ payload }) => payload.data.log);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
    expect(sent[0]).toEqual({
      id: before[0],
      timestamp: "2026-11-21T06:00:00.001924246Z",
      message: expect.stringMatching(/\n$/),
    });
  });

  it("sends any number of lines, even with the same timestamp", async () => {
    const all = [...Array(12_345).keys()].map((n) => add(Math.floor(n / 3_000)));
    const socket = await subscribe();
    expect(await idsOn(socket, all.length)).toEqual(all);
    const next = add(60_000);
    expect(await idsOn(socket, 1)).toEqual([next]);
  });

  it("sends long lines in parts that the store can return", async () => {
    const all = [...Array(1_500).keys()].map((n) => add(n, { message: "x".repeat(6_000) }));
    const socket = await subscribe();
    expect(await idsOn(socket, all.length)).toEqual(all);
    const next = add(60_000);
    expect(await idsOn(socket, 1)).toEqual([next]);
  });

  it("still sends current lines after one with a future timestamp", async () => {
    const now = Date.now() - epoch;
    const future = add(now + 86_400_000);
    const socket = await subscribe({ timestamp: new Date(epoch + now).toISOString() });
    expect(await idsOn(socket, 1)).toEqual([future]);
    const { length } = store.requests;
    await expect.poll(() => store.requests.length).toBeGreaterThan(length + 2);
    const real = add(now + 1_000);
    expect(await idsOn(socket, 1)).toEqual([real]);
  });

  it("filters by component and Deployment, also over graphql-transport-ws", async () => {
    add(1, { release: `${deployment.releaseName}-other` });
    add(2, { component: "webserver" });
    const wanted = add(3, { component: "triggerer" });
    const socket = await closing(openTransportWs(url, viewer.token));
    const variables = { id: deployment.id, component: "triggerer", timestamp: new Date(epoch).toISOString() };
    socket.send({ type: "subscribe", id: "1", payload: { query: LOG, variables } });
    expect((await socket.next()).payload.data.log.id).toBe(wanted);
  });

  it("starts now when no time is given", async () => {
    add(1);
    const socket = await subscribe({ timestamp: null });
    await expect.poll(() => store.requests.length).toBeGreaterThan(2);
    const now = add(Date.now() - epoch + 60_000);
    expect(await idsOn(socket, 1)).toEqual([now]);
  });

  it("tolerates a store that fails for a while", async () => {
    add(1);
    const socket = await subscribe();
    await idsOn(socket, 1);
    let failures = 0;
    store.instead = () => {
      failures += 1;
      if (failures === 3) store.instead = undefined;
      return { status: 503, body: {} };
    };
    const next = add(2);
    expect(await idsOn(socket, 1)).toEqual([next]);
    expect(failures).toBe(3);
  });

  it("ends with an error when the store fails at the start or stays unavailable", async () => {
    store.instead = () => ({ status: 503, body: {} });
    for (const nth of [0, 1]) {
      if (nth === 1) store.instead = undefined;
      add(1);
      const socket = await subscribe();
      if (nth === 1) await idsOn(socket, 2);
      store.instead = () => ({ status: 503, body: {} });
      const { payload } = await socket.next(({ type }) => type === "error");
      expect(payload.extensions.code).toBe("SERVICE_UNAVAILABLE");
    }
  });

  it("stops querying when the client leaves, even during a slow query", async () => {
    store.instead = () => undefined;
    const { length } = store.requests;
    const { socket } = await subscribe();
    await expect.poll(() => store.requests.length).toBe(length + 1);
    socket.terminate();
    // The store has up to 10 s to respond.
    await expect.poll(() => store.requests[length]?.left, { timeout: 5_000 }).toBe(true);
    await sleep(100);
    expect(store.requests).toHaveLength(length + 1);
  });

  it("rejects denied callers and invalid input", async () => {
    for (const [variables, token, code] of [
      [{}, built.home?.outsider.token, "FORBIDDEN"],
      [{ search: "x".repeat(1_001) }, viewer.token, "BAD_USER_INPUT"],
      [{ timestamp: "yesterday" }, viewer.token, "BAD_USER_INPUT"],
    ] as const) {
      const socket = await subscribe(variables, token);
      expect((await socket.next(({ type }) => type === "error")).payload.extensions.code).toBe(code);
    }
  });

  it("reports that the platform has no log store", async () => {
    const other = await without.build.deployment();
    const socket = await closing(subscribeLegacy(without.url, other.viewer.token, LOG, { id: other.deployment.id }));
    const { payload } = await socket.next(({ type }) => type === "error");
    expect(payload).toMatchObject({
      message: expect.stringContaining("elasticsearch.enabled"),
      extensions: { code: "LOGGING_NOT_CONFIGURED" },
    });
  });
});
