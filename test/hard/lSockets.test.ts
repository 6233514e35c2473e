import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { idOf, people, releaseNameOf } from "../../bench/data.ts";
import { rssMegabytes } from "../../bench/machine.ts";
import { tokenOf } from "../../bench/requests.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { loadedHouston } from "../support/loadedHouston.ts";
import { metricAt } from "../support/processMetrics.ts";
import { shortened } from "../support/shortened.ts";
import { openAs, operationsOn, protocols, SUBSCRIBE, type TestSocket } from "../support/sockets.ts";

const SOCKETS = 1_000;
/** How many clients connect at the same time. */
const TOGETHER = 50;

const houston = loadedHouston();
const isEvent = ({ type }: { type: string }) => type === "data" || type === "next";
const rss = () => rssMegabytes(houston.server().pid);

async function connections(): Promise<number> {
  const { rows } = await houston.pool().query(`SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  return rows[0].count;
}

async function open(nth: number): Promise<TestSocket> {
  const socket = await openAs(houston.url(), protocols[nth % 2] ?? "graphql-ws", tokenOf(people.systemAdmin));
  operationsOn(socket).start("1", SUBSCRIBE, { release: releaseNameOf(0) });
  await socket.next(isEvent);
  return socket;
}

/** Opens all sockets, sends them events, and closes them. */
async function round() {
  const began = performance.now();
  const sockets: TestSocket[] = [];
  for (let n = 0; n < SOCKETS; n += TOGETHER) {
    sockets.push(...(await Promise.all(Array.from({ length: TOGETHER }, (_, more) => open(n + more)))));
  }
  const connected = performance.now() - began;
  const waits: number[] = [];
  for (const status of ["UNHEALTHY", "HEALTHY", "UNHEALTHY", "HEALTHY"]) {
    const told = performance.now();
    const heard = sockets.map(async (socket) => {
      const { payload } = await socket.next(isEvent);
      expect(payload.data.deploymentStatus.status).toBe(status);
      waits.push(performance.now() - told);
    });
    await houston.pool().query(`UPDATE "Deployment" SET status = $1 WHERE id = $2`, [status, idOf("deployment", 0)]);
    await Promise.all(heard);
    await sleep(200);
  }
  await sleep(2_000);
  const [memory, databaseConnections] = [rss(), await connections()];
  for (const { socket } of sockets) socket.close();
  await Promise.all(sockets.map(({ closed }) => closed));
  await sleep(10_000);
  return { connected, fanOut: percentile(waits, 0.99), memory, databaseConnections, after: rss() };
}

it("L3: a thousand sockets connect, hear of an event, and leave nothing behind", { timeout: 240_000 }, async () => {
  // The pool opens its connections when many ask at once, and LISTEN has one of its own, which one subscriber needs as well.
  const [first, ...others] = await Promise.all(Array.from({ length: TOGETHER }, (_, n) => open(n)));
  for (const { socket } of others) socket.close();
  await sleep(2_000);
  const [base, before] = [rss(), await connections()];
  const rounds = [await round()];
  for (let more = shortened(2, 0); more > 0; more -= 1) rounds.push(await round());
  expect(await metricAt(houston.operationsUrl(), 'houston_websockets\\{kind="sockets"\\}')).toBe(1);
  first?.socket.close();
  const most = (values: number[]) => Math.max(...values);
  const each = (1_024 * (most(rounds.map(({ memory }) => memory)) - base)) / SOCKETS;
  const after = rounds.at(-1)?.after ?? 0;
  const extra = most(rounds.map(({ databaseConnections }) => databaseConnections)) - before;
  figures("L3", {
    "connected ms": most(rounds.map(({ connected }) => connected)),
    "event p99 ms": most(rounds.map(({ fanOut }) => fanOut)),
    "base MB": base,
    "KB each": each,
    "after closing MB": rounds.map((one) => Math.round(one.after)).join(" "),
    "above base %": 100 * (after / base - 1),
    "extra database connections": extra,
  });
  inTime(most(rounds.map(({ connected }) => connected)), 10_000);
  inTime(most(rounds.map(({ fanOut }) => fanOut)), 1_000);
  expect(extra).toBeLessThanOrEqual(0);
  expect(each).toBeLessThanOrEqual(60);
  expect(after).toBeLessThanOrEqual(1.1 * base);
});
