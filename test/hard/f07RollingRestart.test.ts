import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { createTestDatabase } from "../support/db.ts";
import { figures, percentile } from "../support/figures.ts";
import { firstUser } from "../support/firstUser.ts";
import { inTime } from "../support/inTime.ts";
import { readinessProxy } from "../support/readinessProxy.ts";
import { replicasOn } from "../support/replicas.ts";
import { openAs } from "../support/sockets.ts";

const database = await createTestDatabase();
afterAll(() => database.drop());
// Longer than the proxy needs to notice, also when its process stands still for some seconds.
const replicas = await replicasOn(database.url, 2, { WEBSERVER__DRAIN_DELAY: "8000" });

it("F7: a rolling restart of two replicas behind a proxy that honors readiness fails no request", {
  timeout: 240_000,
}, async () => {
  for (const replica of replicas) await replica.start();
  const token = await firstUser(replicas[0]?.url ?? "");
  const proxy = await readinessProxy(replicas);
  const sockets = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      openAs(replicas[n % 2]?.url ?? "", n % 4 < 2 ? "graphql-ws" : "graphql-transport-ws", token),
    ),
  );
  const failures: string[] = [];
  const times: number[] = [];
  let done = false;
  const ask = async (write: boolean, n: number) => {
    const query = write ? `mutation { createWorkspace(label: "Workspace ${n}") { id } }` : "{ self { user { id } } }";
    const began = performance.now();
    const response = await fetch(`${proxy.url}/v1`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: token },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    if (response.status !== 200 || text.includes('"errors"')) failures.push(`${response.status} ${text}`);
    times.push(performance.now() - began);
  };
  const load = (async () => {
    const asked: Promise<void>[] = [];
    for (const first = performance.now(); !done; ) {
      asked.push(ask(asked.length % 5 === 0, asked.length).catch((error) => void failures.push(String(error))));
      await sleep(Math.max(0, first + asked.length * 5 - performance.now()));
    }
    await Promise.all(asked);
  })();
  const stops: { code: number | null; took: number }[] = [];
  await sleep(1_000);
  for (const replica of replicas) {
    const began = performance.now();
    stops.push({ code: await replica.stop("SIGTERM"), took: performance.now() - began });
    await replica.start(120_000);
    await sleep(1_000);
  }
  done = true;
  await load;
  await proxy.close();
  const codes = await Promise.all(sockets.map(async ({ closed }) => (await closed).code));
  figures("F7", {
    requests: times.length,
    failed: failures.length,
    "p99 ms": percentile(times, 0.99),
    "slowest stop ms": Math.max(...stops.map(({ took }) => took)),
    "sockets closed with": [...new Set(codes)].join(" "),
  });
  expect(failures).toEqual([]);
  expect(times.length).toBeGreaterThan(100);
  for (const { code, took } of stops) {
    expect(code).toBe(0);
    inTime(took, 25_000);
  }
  expect(codes.filter((code) => code !== 1001 && code !== 1012)).toEqual([]);
});
