import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { openTransportWs, SUBSCRIBE, subscribeLegacy, type TestSocket } from "../support/sockets.ts";

const { url, build, db, app } = await testHouston();
const SOCKETS = 1_000;

let sockets: TestSocket[] = [];
afterAll(() => {
  for (const { socket } of sockets) socket.terminate();
});

const event = ({ type }: { type: string }) => type === "data" || type === "next";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Megabytes of heap in use after a garbage collection. */
async function megabytes() {
  for (let nth = 0; nth < 3; nth += 1) {
    await new Promise(setImmediate);
    collect();
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Sends a change to a thousand sockets, then closes them. Returns the megabytes in use while they were open. */
async function round() {
  const { deployment, viewer } = await build.deployment();
  const variables = { release: deployment.releaseName };
  const open = async (nth: number) => {
    const socket =
      nth % 2 === 0
        ? await subscribeLegacy(url, viewer.token, SUBSCRIBE, variables)
        : await openTransportWs(url, viewer.token);
    if (nth % 2 === 1) socket.send({ type: "subscribe", id: "1", payload: { query: SUBSCRIBE, variables } });
    sockets.push(socket);
    expect((await socket.next(event)).payload.data.deploymentStatus.status).toBe("UNKNOWN");
  };
  const started = performance.now();
  for (let nth = 0; nth < SOCKETS; nth += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, more) => open(nth + more)));
  }
  const opened = performance.now();
  expect(app.sockets()).toEqual({ sockets: SOCKETS, operations: SOCKETS });
  expect(app.services.statusEvents.count()).toBe(SOCKETS);

  const received = Promise.all(sockets.map((socket) => socket.next(event)));
  await db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY" } });
  const answers = await received;
  const arrived = performance.now();
  expect(answers.every(({ payload }) => payload.data.deploymentStatus.status === "HEALTHY")).toBe(true);
  const [opening, telling] = [opened - started, arrived - opened].map(Math.round);
  console.log(`${SOCKETS} sockets: opened in ${opening} ms, all told after ${telling} ms`);
  const used = await megabytes();

  for (const { socket } of sockets) socket.close();
  await expect.poll(() => app.sockets(), { timeout: 20_000 }).toEqual({ sockets: 0, operations: 0 });
  expect(app.services.statusEvents.count()).toBe(0);
  await Promise.all(sockets.map(({ closed }) => closed));
  sockets = [];
  return used;
}

it("a thousand sockets of both protocols receive a change, and their memory is freed", async () => {
  await round();
  const before = await megabytes();
  const used = await round();
  // Both ends of each socket are in this process. The remaining memory must be far less than they used.
  await expect.poll(megabytes, { timeout: 20_000 }).toBeLessThan(before + (used - before) / 4);
  const after = await megabytes();
  console.log(
    `heap: ${before.toFixed(1)} MB before, ${used.toFixed(1)} MB with the sockets, ${after.toFixed(1)} MB after`,
  );
}, 180_000);
