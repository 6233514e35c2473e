import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { metricQueries } from "../../src/services/metrics/metricQueries.ts";
import { testHouston } from "../support/houston.ts";
import { jsonServer, type ReceivedRequest, type Reply } from "../support/jsonServer.ts";
import { closingSockets, subscribeLegacy, type TestSocket } from "../support/sockets.ts";

const series = [{ metric: {}, values: [[1_800_000_000, "3"]] }];
const good = (): Reply => ({
  status: 200,
  body: { status: "success", data: { resultType: "matrix", result: series } },
});
let answer: (request: ReceivedRequest) => Reply = good;
const store = await jsonServer((request) => answer(request));

const { url, build, as, app } = await testHouston({
  prometheus: { enabled: true, host: "127.0.0.1", port: store.port, pollInterval: 50 },
});
const without = await testHouston();

const METRICS = `subscription ($id: Uuid!, $type: [MetricType], $since: Int, $step: Int) {
  metrics(deploymentUuid: $id, metricType: $type, since: $since, step: $step) { label result }
}`;

const closing = closingSockets();
beforeEach(async () => {
  // Those of the test before still ask.
  await expect.poll(() => app.sockets().operations).toBe(0);
  answer = good;
  store.requests.length = 0;
});
const built = await build.deployment();
const { deployment, viewer } = built;

const subscribe = (variables: object = {}, token = viewer.token) =>
  closing(subscribeLegacy(url, token, METRICS, { id: deployment.id, ...variables }));
const codeOn = async (socket: TestSocket) =>
  (await socket.next(({ type }) => type === "error")).payload.extensions.code;

describe("metrics", () => {
  it("sends the series as Prometheus returns them, immediately and repeatedly", async () => {
    const socket = await subscribe({ type: ["DEPLOYMENT_USAGE"], since: 30, step: 60 });
    for (const _ of [1, 2]) {
      const { payload } = await socket.next(({ type }) => type === "data");
      expect(payload.data.metrics).toEqual([
        { label: "CPU cores", result: series },
        { label: "memory bytes", result: series },
      ]);
    }
    const [{ url: request }] = store.requests as [ReceivedRequest];
    expect(request.pathname).toBe("/api/v1/query_range");
    const { query = "", start, end, step } = Object.fromEntries(request.searchParams);
    expect(query).toContain(`namespace="${deployment.namespace}"`);
    expect(query).toContain(`pod=~"(${deployment.releaseName})-(`);
    expect([Number(end) - Number(start), step]).toEqual([1_800, "60"]);
  });

  it("looks for the pods of a long name also under the shorter one that Helm takes", () => {
    const releaseName = `${"a".repeat(46)}-1234`;
    const names = `${releaseName}|${"a".repeat(37)}-${createHash("sha256").update(releaseName).digest("hex").slice(0, 8)}`;
    const [cpu] = metricQueries("DEPLOYMENT_USAGE", { releaseName, namespace: "airflow" });
    expect(cpu?.query).toContain(`pod=~"(${names})-(`);
    const [tasks] = metricQueries("DEPLOYMENT_TASKS", { releaseName, namespace: "airflow" });
    expect(tasks?.query).toContain(`{release=~"${names}"}`);
  });

  it("sends every metric type when none is named", async () => {
    const socket = await subscribe();
    const { payload } = await socket.next(({ type }) => type === "data");
    expect(payload.data.metrics.length).toBeGreaterThan(10);
    expect(payload.data.metrics.every((one: { label: string }) => one.label.length > 0)).toBe(true);
  });

  it("rejects denied callers, anonymous callers and invalid input", async () => {
    expect(await codeOn(await subscribe({}, built.home?.viewer.token))).toBe("FORBIDDEN");
    expect(await codeOn(await subscribe({}, ""))).toBe("UNAUTHENTICATED");
    for (const bad of [{ since: 0 }, { since: 43_201 }, { step: 0 }, { since: 43_200, step: 1 }, { type: ["CPU"] }]) {
      expect(await codeOn(await subscribe(bad))).toBe("BAD_USER_INPUT");
    }
    expect(store.requests).toEqual([]);
  });

  it.each([
    ["an error", { status: 400, body: { status: "error", error: "secret" } }],
    ["no series", { status: 200, body: { status: "success", data: {} } }],
  ])("ends when Prometheus returns %s", async (_, reply) => {
    answer = () => reply;
    const socket = await subscribe();
    expect(await codeOn(socket)).toBe("SERVICE_UNAVAILABLE");
    expect(JSON.stringify(socket.messages)).not.toContain("secret");
  });

  it("stops querying when the client leaves, even during a slow query", async () => {
    answer = () => undefined;
    const { socket } = await subscribe();
    await expect.poll(() => store.requests.length).toBe(1);
    socket.terminate();
    // Prometheus has up to 10 s to respond.
    await expect.poll(() => store.requests[0]?.left, { timeout: 5_000 }).toBe(true);
    await sleep(200);
    expect(store.requests).toHaveLength(1);
  });

  it("reports that the platform has no metrics", async () => {
    const other = await without.build.deployment();
    const socket = await closing(
      subscribeLegacy(without.url, other.viewer.token, METRICS, { id: other.deployment.id }),
    );
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
