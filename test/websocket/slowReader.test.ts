import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { elasticsearch } from "../logs/elasticsearch.ts";
import { testHouston } from "../support/houston.ts";
import { closingSockets, openAs, operationsOn, protocols } from "../support/sockets.ts";

// Pings are sent when a test calls `vi.advanceTimersByTime`.
vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
afterAll(() => void vi.useRealTimers());
const store = await elasticsearch();
const { url, build, app, config } = await testHouston({
  elasticsearch: { enabled: true, client: { node: store.url }, pollInterval: 20 },
});
const LOG = `subscription ($id: Uuid!) { log(deploymentUuid: $id, timestamp: "2026-11-21T06:00:00Z") { message } }`;
const PAGE = 1_000;
const PAGES = 20;
const closing = closingSockets();

afterEach(() => {
  store.requests.length = 0;
});

it.each(protocols)(
  "the server reads no more than a slow client of %s receives, and terminates one that stopped",
  async (protocol) => {
    const { deployment, viewer } = await build.deployment();
    store.lines = Array.from({ length: PAGES * PAGE }, (_, n) => ({
      id: `${n}`,
      timestamp: new Date(Date.parse("2026-11-21T06:00:00Z") + n).toISOString(),
      release: deployment.releaseName,
      component: "scheduler",
      message: "x".repeat(2_500),
    }));
    const socket = await closing(openAs(url, protocol, viewer.token));
    socket.socket.pause();
    operationsOn(socket).start("1", LOG, { id: deployment.id });
    await expect.poll(() => store.requests.length).toBeGreaterThan(0);
    // Until no more pages are read: those on the way between the two ends take some time.
    for (let before = -1; before !== store.requests.length; ) {
      before = store.requests.length;
      await sleep(500);
    }
    expect(store.requests.length).toBeLessThan(PAGES / 2);
    expect(app.sockets()).toEqual({ sockets: 1, operations: 1 });

    for (const _ of ["asked", "not answered"]) vi.advanceTimersByTime(config.subscriptions.pingInterval);
    await expect.poll(() => app.sockets()).toEqual({ sockets: 0, operations: 0 });
  },
);

it("a client that sends requests without reading responses is terminated", async () => {
  const { token } = await build.user();
  const socket = await closing(openAs(url, "graphql-transport-ws", token));
  socket.socket.pause();
  const filler = "x".repeat(200_000);
  for (let nth = 0; nth < 200; nth += 1) socket.send({ type: "ping", payload: { filler } });
  await expect.poll(() => app.sockets().sockets, { timeout: 20_000 }).toBe(0);
});
