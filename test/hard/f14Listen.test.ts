import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { figures } from "../support/figures.ts";
import { ofType, openAs, operationsOn, SUBSCRIBE, type TestSocket } from "../support/sockets.ts";

const SOCKETS = 100;
const houston = await startTestApp();
afterAll(() => houston.close());
const { db } = houston;

it("F14: 100 subscribers hear again after the connection of LISTEN was killed, also what happened meanwhile", {
  timeout: 120_000,
}, async () => {
  const build = createBuild(db, houston.config);
  const { deployment } = await build.deployment();
  const { token } = await build.systemAdmin();
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, async (_, n) => {
      const socket = await openAs(houston.url, n % 2 === 0 ? "graphql-ws" : "graphql-transport-ws", token);
      operationsOn(socket).start("1", SUBSCRIBE, { release: deployment.releaseName });
      return socket;
    }),
  );
  const event = ({ socket }: TestSocket) => ofType(socket.protocol === "graphql-ws" ? "data" : "next");
  const heard = () =>
    Promise.all(
      sockets.map(async (socket) => (await socket.next(event(socket))).payload.data.deploymentStatus.status as string),
    );
  const all = (status: string) => Array.from({ length: SOCKETS }, () => status);
  expect(await heard()).toEqual(all("UNKNOWN"));
  const listeners = async () =>
    db.$queryRaw<{ pid: number }[]>`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'houston events'`;
  // LISTEN begins with the first subscriber, and is not waited for.
  await expect.poll(async () => (await listeners()).length).toBe(1);
  await sleep(500);
  const change = (status: "DEPLOYING" | "UNHEALTHY" | "HEALTHY") =>
    db.deployment.update({ where: { id: deployment.id }, data: { status } });

  const times: number[] = [];
  for (const [lost, later] of [
    ["DEPLOYING", "HEALTHY"],
    ["UNHEALTHY", "DEPLOYING"],
  ] as const) {
    const began = performance.now();
    // Nobody listens when the trigger notifies.
    await db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'houston events'`;
      await tx.deployment.update({ where: { id: deployment.id }, data: { status: lost } });
    });
    expect(await heard()).toEqual(all(lost));
    times.push(performance.now() - began);
    await change(later);
    expect(await heard()).toEqual(all(later));
  }
  expect(await listeners()).toHaveLength(1);
  figures("F14", { sockets: SOCKETS, "heard again after ms": Math.max(...times) });
  for (const { socket } of sockets) socket.terminate();
  expect(Math.max(...times)).toBeLessThan(5_000 + 5_000);
});
