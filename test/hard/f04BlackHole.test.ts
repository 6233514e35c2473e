import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { createTestDatabase } from "../support/db.ts";
import { type Answer, askEveryApi, askSocket, everyApi, summary } from "../support/everyApi.ts";
import { figures } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { relayTo } from "../support/relay.ts";
import { shortened } from "../support/shortened.ts";
import { openAs } from "../support/sockets.ts";

const database = await createTestDatabase();
const relay = await relayTo(database.url);
const houston = await startTestApp({}, { database: { ...database, url: relay.url } });
afterAll(async () => {
  relay.blackHole(false);
  relay.reset();
  await houston.close();
  relay.close();
});
const { token } = await createBuild(houston.db, houston.config).systemAdmin();

/** Milliseconds until each answer. */
const LIMIT = 10_000;

const apis = everyApi(houston, token);
const allWork = async (): Promise<boolean> => {
  const outcomes: string[] = await Promise.all(Object.values(apis).map((ask) => ask()));
  return outcomes.every((one) => one === "ok");
};
const connections = () => houston.app.services.pool.totalCount;

describe.each([
  ["open connections are black holes", () => relay.silence(), () => relay.blackHole(false)],
  ["new connections are black holes too", () => relay.blackHole(true), () => relay.blackHole(false)],
  ["connections are reset, and new ones too", () => relay.refuse(true), () => relay.refuse(false)],
] as const)("when %s", (name, begin, end) => {
  it(`F4: each request is answered, and all work without a restart (${name})`, { timeout: 120_000 }, async () => {
    const socket = await openAs(houston.url, "graphql-transport-ws", token);
    await askEveryApi(houston, token, { perSecond: 50, duration: 1_000 });
    begin();
    const asking = askEveryApi(houston, token, { perSecond: 50, duration: shortened(12_000, 9_000) });
    const answers: Answer[] = [await askSocket(socket, "1"), ...(await asking)];
    end();
    const ended = performance.now();
    await expect.poll(allWork, { timeout: 30_000, interval: 20 }).toBe(true);
    figures("F4", {
      answers: answers.length,
      "slowest ms": Math.max(...answers.map(({ took }) => took)),
      "recovered after ms": performance.now() - ended,
      outcomes: summary(answers),
    });
    socket.socket.terminate();
    inTime(Math.max(...answers.map(({ took }) => took)), LIMIT);
    const temporary = ["ok", "SERVICE_UNAVAILABLE", "HTTP 503"];
    expect(answers.filter(({ outcome }) => !temporary.includes(outcome))).toEqual([]);
    expect(answers.filter(({ api, outcome }) => ["healthz", "metrics"].includes(api) && outcome !== "ok")).toEqual([]);
    expect(connections()).toBeLessThanOrEqual(houston.config.database.pool.max);
    await sleep(100);
  });
});
