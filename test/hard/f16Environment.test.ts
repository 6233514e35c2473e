import { execFileSync } from "node:child_process";
import dns from "node:dns";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";
import { everyApi } from "../support/everyApi.ts";
import { figures } from "../support/figures.ts";
import { firstUser } from "../support/firstUser.ts";
import { dataFolder, houstonProcess } from "../support/houstonProcess.ts";
import { lostWrites, writeLoad } from "../support/writeLoad.ts";

const HOST = "database.test";
let database: TestDatabase;
let houston: TestApp;
let token: string;
let nameIsKnown = true;

const { lookup } = dns;
beforeAll(async () => {
  // Only for this name, which no resolver has.
  vi.spyOn(dns, "lookup").mockImplementation(((host: string, ...rest: unknown[]) => {
    const forward = lookup as unknown as (...args: unknown[]) => void;
    if (host !== HOST) return forward(host, ...rest);
    if (nameIsKnown) return forward("127.0.0.1", ...rest);
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${HOST}`), {
      code: "ENOTFOUND",
      syscall: "getaddrinfo",
    });
    process.nextTick(rest.at(-1) as (error: Error) => void, error);
  }) as typeof dns.lookup);
  database = await createTestDatabase();
  const url = new URL(database.url);
  url.hostname = HOST;
  houston = await startTestApp({}, { database: { ...database, url: url.href } });
  ({ token } = await createBuild(houston.db, houston.config).systemAdmin());
}, 60_000);
afterEach(() => {
  nameIsKnown = true;
  vi.useRealTimers();
});
afterAll(async () => {
  await houston.close();
  vi.restoreAllMocks();
});

/** Each API with its outcome. */
async function outcomes(): Promise<Record<string, string>> {
  const asked = Object.entries(everyApi(houston, token)).map(async ([name, ask]) => [name, await ask()] as const);
  return Object.fromEntries(await Promise.all(asked));
}
const isOk = (found: Record<string, string>) => Object.values(found).every((one) => one === "ok");

it("F16: while the database's name is unknown, requests end with SERVICE_UNAVAILABLE, and then work", {
  timeout: 90_000,
}, async () => {
  expect(isOk(await outcomes())).toBe(true);
  nameIsKnown = false;
  // The name is needed for new connections.
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  await admin.end();
  await expect.poll(async () => (await outcomes()).readyz).toBe("HTTP 503");
  expect(await outcomes()).toEqual({
    "fast path": "SERVICE_UNAVAILABLE",
    "Apollo's path": "SERVICE_UNAVAILABLE",
    transaction: "SERVICE_UNAVAILABLE",
    "alpha API": "SERVICE_UNAVAILABLE",
    "Platform API": "HTTP 503",
    healthz: "ok",
    readyz: "HTTP 503",
    metrics: "ok",
  });
  nameIsKnown = true;
  const began = performance.now();
  await expect.poll(async () => isOk(await outcomes()), { timeout: 30_000, interval: 20 }).toBe(true);
  figures("F16 unknown name", { "recovered after ms": performance.now() - began });
});

it.each([1, -1])(
  "F16: a clock that jumps by %i h ends no session that is in use, and stops nothing",
  { timeout: 60_000 },
  async (hours) => {
    expect(isOk(await outcomes())).toBe(true);
    // Of a token that it has not seen before, it knows no better than that it was issued in the future (T4).
    const unseen = (await createBuild(houston.db, houston.config).systemAdmin()).token;
    const unseenIs = async () =>
      (await createAs(houston.url)({ token: unseen }).send("{ users { id } }")).errors?.[0]?.extensions.code ?? "ok";
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + hours * 3_600_000 });
    expect(await unseenIs()).toBe(hours > 0 ? "ok" : "UNAUTHENTICATED");
    expect(await outcomes()).toMatchObject({ "fast path": "ok", "Apollo's path": "ok", "Platform API": "ok" });
    const { data, errors } = await createAs(houston.url)({ token }).send(
      `mutation { createWorkspace(label: "At ${hours}") { id createdAt } }`,
    );
    expect(errors).toBeUndefined();
    vi.useRealTimers();
    // What was made in the future is there too.
    const read = await createAs(houston.url)({ token }).send(
      "query ($id: Uuid) { workspaces(workspaceUuid: $id) { id } }",
      {
        id: data.createWorkspace.id,
      },
    );
    expect(read.data.workspaces).toHaveLength(1);
    expect(await unseenIs()).toBe("ok");
    expect(isOk(await outcomes())).toBe(true);
  },
);

/** A file system of 200 MB in memory; undefined where none may be mounted. */
async function smallDisk(): Promise<string | undefined> {
  const path = await mkdtemp(join(tmpdir(), "houston-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=200m", "houston-test", path], { stdio: "ignore" });
    await chmod(path, 0o755);
    return path;
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
}

it("F16: a full disk rejects writes with SERVICE_UNAVAILABLE, and with space again all work without a restart", {
  timeout: 240_000,
}, async ({ skip }) => {
  const disk = await smallDisk();
  if (!disk) return skip("only root can mount a small disk");
  const mails = await dataFolder();
  const houston = await houstonProcess({ DATABASE__DATA_FOLDER: disk, EMAIL__FOLDER: mails.path });
  const filler = join(disk, "filler");
  try {
    await houston.start();
    const token = await firstUser(houston.url);
    const pid = houston.pid();
    const load = writeLoad(houston.url, token, { clients: 8, perSecond: 100 });
    await load.next();
    // Ends with an error when the disk is full.
    const fill = () => {
      try {
        execFileSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k", "conv=notrunc", "oflag=append"], {
          stdio: "ignore",
        });
      } catch {}
    };
    const rejected = () => {
      fill();
      return (load.errors.get("SERVICE_UNAVAILABLE") ?? 0) > 20;
    };
    await expect.poll(rejected, { timeout: 120_000, interval: 200 }).toBe(true);
    expect((await stat(filler)).size).toBeGreaterThan(0);
    expect((await fetch(`${houston.url}/healthz`)).status).toBe(200);
    await rm(filler);
    const began = performance.now();
    await load.next(60_000);
    await expect.poll(houston.ready, { timeout: 60_000 }).toBe(200);
    const recovered = performance.now() - began;
    await load.next();
    await load.stop();
    const { lost, halfWritten } = await lostWrites(houston.url, token, load);
    figures("F16 full disk", {
      acknowledged: load.acknowledged.length,
      lost: lost.length,
      "recovered after ms": recovered,
      answers: [...load.errors].map(([code, times]) => `${code} ${times}`).join(" "),
    });
    expect(houston.pid()).toBe(pid);
    expect(lost).toEqual([]);
    expect(halfWritten).toEqual([]);
    expect([...load.errors.keys()].filter((code) => code !== "SERVICE_UNAVAILABLE" && code !== "503")).toEqual([]);
  } finally {
    await houston.stop();
    execFileSync("umount", [disk]);
    await rm(disk, { recursive: true });
    await mails.remove();
  }
});
