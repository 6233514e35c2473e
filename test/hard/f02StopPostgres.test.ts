import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { figures } from "../support/figures.ts";
import { firstUser } from "../support/firstUser.ts";
import { dataFolder, embeddedPid, houstonProcess } from "../support/houstonProcess.ts";
import { inTime, quickEnough } from "../support/inTime.ts";
import { lostWrites, writeLoad } from "../support/writeLoad.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

/** Milliseconds until `done`, checked all the time, returns true. */
async function until(done: () => Promise<boolean>, limit = 60_000): Promise<number> {
  const began = performance.now();
  while (!(await done())) if (performance.now() - began > limit) throw new Error(`not within ${limit} ms`);
  return performance.now() - began;
}

// SIGQUIT is `pg_ctl stop -m immediate`.
it("F2: PostgreSQL that stops hard under load is started again, and loses no acknowledged write", {
  timeout: 240_000,
}, async () => {
  const folder = await dataFolder();
  cleanup.push(folder.remove);
  const houston = await houstonProcess({ DATABASE__DATA_FOLDER: folder.path });
  cleanup.push(() => houston.stop());
  await houston.start();
  const token = await firstUser(houston.url);
  const process0 = houston.pid();
  const load = writeLoad(houston.url, token);
  const [noticed, back, served]: number[][] = [[], [], []];
  let dead = false;
  /** Liveness, asked all the time. */
  const liveness = new Set<number>();
  const probing = (async () => {
    while (!dead) liveness.add((await fetch(`${houston.url}/healthz`)).status);
  })();
  for (const signal of ["SIGQUIT", "SIGQUIT", "SIGKILL", "SIGQUIT", "SIGQUIT"] as const) {
    await load.next();
    await sleep(2_000);
    process.kill(await embeddedPid(folder.path), signal);
    noticed?.push(await until(async () => (await houston.ready()) === 503));
    back?.push(await until(async () => (await houston.ready()) === 200));
    served?.push(await load.next());
  }
  dead = true;
  await probing;
  await load.stop();
  const { lost, halfWritten } = await lostWrites(houston.url, token, load);
  figures("F2", {
    acknowledged: load.acknowledged.length,
    "writes/s": load.rate(),
    lost: lost.length,
    "readyz 503 after ms": Math.max(...(noticed ?? [])),
    "ready again after ms": Math.max(...(back ?? [])),
    "first write after that ms": Math.max(...(served ?? [])),
    "slowest answer ms": load.slowest(),
    answers: [...load.errors].map(([code, times]) => `${code} ${times}`).join(" "),
  });
  expect([...liveness]).toEqual([200]);
  expect(houston.pid()).toBe(process0);
  expect(lost).toEqual([]);
  expect(halfWritten).toEqual([]);
  // Nothing but "try again": no internal error, and no connection of a client was closed.
  expect([...load.errors.keys()].filter((code) => code !== "SERVICE_UNAVAILABLE" && code !== "503")).toEqual([]);
  inTime(load.slowest(), 12_000);
  inTime(Math.max(...(noticed ?? [])), 2_000);
  inTime(Math.max(...(served ?? [])), 5_000);
  quickEnough(load.rate(), 100);
});
