import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { type Asked, jsonServer, type Reply } from "../support/jsonServer.ts";
import { closingSockets, followOld, type TestSocket } from "../support/sockets.ts";

const series = [{ metric: {}, values: [[1_800_000_000, "3"]] }];
const good = (): Reply => ({
  status: 200,
  body: { status: "success", data: { resultType: "matrix", result: series } },
});
let answer: (asked: Asked) => Reply = good;
const store = await jsonServer((asked) => answer(asked));

const { url, build, as } = await testHouston({
  prometheus: { enabled: true, host: "127.0.0.1", port: store.port, pollInterval: 50 },
});
const without = await testHouston();

const METRICS = `subscription ($id: Uuid!, $type: [MetricType], $since: Int, $step: Int) {
  metrics(deploymentUuid: $id, metricType: $type, since: $since, step: $step) { label result }
}`;

const closing = closingSockets();
beforeEach(() => {
  answer = good;
  store.asked.length = 0;
});
const people = await build.deployment();
const { deployment, viewer } = people;

const follow = (variables: object = {}, token = viewer.token) =>
  closing(followOld(url, token, METRICS, { id: deployment.id, ...variables }));
const codeOn = async (socket: TestSocket) =>
  (await socket.next(({ type }) => type === "error")).payload.extensions.code;

describe("metrics", () => {
  it("tells the series as Prometheus gives them, now and again", async () => {
    const socket = await follow({ type: ["DEPLOYMENT_USAGE"], since: 30, step: 60 });
    for (const _ of [1, 2]) {
      const { payload } = await socket.next(({ type }) => type === "data");
      expect(payload.data.metrics).toEqual([
        { label: "CPU cores", result: series },
        { label: "memory bytes", result: series },
      ]);
    }
    const [{ url: asked }] = store.asked as [Asked];
    expect(asked.pathname).toBe("/api/v1/query_range");
    const { query = "", start, end, step } = Object.fromEntries(asked.searchParams);
    expect(query).toContain(`namespace="${deployment.namespace}"`);
    expect(query).toContain(`pod=~"${deployment.releaseName}-(`);
    expect([Number(end) - Number(start), step]).toEqual([1_800, "60"]);
  });

  it("tells every kind when none is named", async () => {
    const socket = await follow();
    const { payload } = await socket.next(({ type }) => type === "data");
    expect(payload.data.metrics.length).toBeGreaterThan(10);
    expect(payload.data.metrics.every((one: { label: string }) => one.label.length > 0)).toBe(true);
  });

  it("refuses who may not, nobody, and bad input", async () => {
    expect(await codeOn(await follow({}, people.home?.viewer.token))).toBe("FORBIDDEN");
    expect(await codeOn(await follow({}, ""))).toBe("UNAUTHENTICATED");
    for (const bad of [{ since: 0 }, { since: 43_201 }, { step: 0 }, { since: 43_200, step: 1 }, { type: ["CPU"] }]) {
      expect(await codeOn(await follow(bad))).toBe("BAD_USER_INPUT");
    }
    expect(store.asked).toEqual([]);
  });

  it.each([
    ["an error", { status: 400, body: { status: "error", error: "secret" } }],
    ["no series", { status: 200, body: { status: "success", data: {} } }],
  ])("ends when Prometheus answers %s", async (_, reply) => {
    answer = () => reply;
    const socket = await follow();
    expect(await codeOn(socket)).toBe("SERVICE_UNAVAILABLE");
    expect(JSON.stringify(socket.messages)).not.toContain("secret");
  });

  it("asks no more once nobody follows, even while Prometheus keeps it waiting", async () => {
    answer = () => undefined;
    const { socket } = await follow();
    await expect.poll(() => store.asked.length).toBe(1);
    socket.terminate();
    // Prometheus would have 10 s.
    await expect.poll(() => store.asked[0]?.left, { timeout: 5_000 }).toBe(true);
    await sleep(200);
    expect(store.asked).toHaveLength(1);
  });

  it("says so when the platform keeps no metrics", async () => {
    const there = await without.build.deployment();
    const socket = await closing(followOld(without.url, there.viewer.token, METRICS, { id: there.deployment.id }));
    const { payload } = await socket.next(({ type }) => type === "error");
    expect(payload).toMatchObject({
      message: expect.stringContaining("prometheus.enabled"),
      extensions: { code: "METRICS_NOT_CONFIGURED" },
    });
    const config = "{ appConfig { prometheusEnabled } }";
    expect((await without.as(undefined).send(config)).data.appConfig.prometheusEnabled).toBe(false);
    expect((await as(undefined).send(config)).data.appConfig.prometheusEnabled).toBe(true);
  });
});
