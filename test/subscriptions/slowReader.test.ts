import { afterAll, expect, it } from "vitest";
import { elasticsearch } from "../logs/elasticsearch.ts";
import { testHouston } from "../support/houston.ts";
import { followOld, openNew } from "../support/sockets.ts";

const store = await elasticsearch();
const { url, build, app } = await testHouston({
  elasticsearch: { enabled: true, client: { node: store.url }, pollInterval: 20 },
  subscriptions: { pingInterval: 1_000 },
});
const LOG = `subscription ($id: Uuid!) { log(deploymentUuid: $id, timestamp: "2026-11-21T06:00:00Z") { message } }`;
const PAGE = 1_000;

const sockets: Awaited<ReturnType<typeof openNew>>[] = [];
afterAll(() => {
  for (const { socket } of sockets) socket.terminate();
});

it("asks for no more than a slow reader takes, and cuts off one that has stopped", async () => {
  const { deployment, viewer } = await build.deployment();
  store.lines = Array.from({ length: 5 * PAGE }, (_, n) => ({
    id: `${n}`,
    timestamp: new Date(Date.parse("2026-11-21T06:00:00Z") + n).toISOString(),
    release: deployment.releaseName,
    component: "scheduler",
    message: "x".repeat(10_000),
  }));
  const variables = { id: deployment.id };
  const old = await followOld(url, viewer.token, LOG, variables);
  old.socket.pause();
  const socket = await openNew(url, viewer.token);
  socket.send({ type: "subscribe", id: "1", payload: { query: LOG, variables } });
  socket.socket.pause();
  sockets.push(old, socket);

  await expect.poll(() => app.sockets(), { timeout: 20_000 }).toEqual({ sockets: 0, operations: 0 });
  // Each of the two would have come to the end of its five pages.
  expect(store.asked.length).toBeLessThan(10);
});
