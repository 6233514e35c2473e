import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Embedded, startEmbedded } from "../../src/platform/database/embedded/embedded.ts";

const log = pino({ level: "silent" });

describe("startEmbedded", { timeout: 90_000 }, () => {
  let folder: string;
  let running: Embedded | undefined;
  let others: ChildProcess[] = [];
  const start = async (patience?: number) => {
    running = await startEmbedded({ folder, log, ...(patience !== undefined && { patience }) });
    return running;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "houston-embedded-"));
  });
  afterEach(async () => {
    for (const child of others) child.kill("SIGKILL");
    others = [];
    await running?.stop();
    running = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts the database in another process and returns its URL and that process. */
  async function startElsewhere() {
    const code = `
      import { pino } from "pino";
      import { startEmbedded } from ${JSON.stringify(new URL("../../src/platform/database/embedded/embedded.ts", import.meta.url).href)};
      const { url, stop } = await startEmbedded({ folder: ${JSON.stringify(folder)}, log: pino({ level: "silent" }) });
      process.once("SIGTERM", () => stop().then(() => process.exit()));
      process.stdout.write(url);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    others.push(child);
    const [url] = await once(child.stdout, "data");
    return { child, url: String(url) };
  }
  const pidOf = async () => Number((await readFile(join(folder, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]);
  async function kill(child: ChildProcess) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  it("keeps its data, and accepts connections at 127.0.0.1 only and with the password only", async () => {
    const { url, stop } = await start();
    await sql(url, "CREATE TABLE kept AS SELECT 'ä' AS value");
    expect(await sql(url, "SHOW listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    expect(await sql(url, "SHOW fsync")).toEqual([{ fsync: "on" }]);
    await expect(sql(url.replace(/:[^:@]+@/, ":wrong@"), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    expect((await stat(join(folder, "postgres.password"))).mode & 0o777).toBe(0o600);
    await stop();
    expect(await sql((await start()).url, "SELECT upper(value) AS value FROM kept")).toEqual([{ value: "Ä" }]);
  });

  it.runIf(process.getuid?.() === 0)("works in a folder below one that only root may enter", async () => {
    running = await startEmbedded({ folder: join(folder, "deeper"), log });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await sql(running.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("rejects a folder that another process uses", async () => {
    const { child, url } = await startElsewhere();
    await expect(start(300)).rejects.toThrow("Another Houston process uses the data folder");
    expect(await sql(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await kill(child);
    await start();
  });

  it("waits for a PostgreSQL that is shutting down, as on a restart", async () => {
    const { child, url } = await startElsewhere();
    await sql(url, "CREATE TABLE kept AS SELECT 1 AS value");
    const starting = start();
    await expect
      .poll(() =>
        sql(url, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'houston data folder lock' OFFSET 1"),
      )
      .toHaveLength(1);
    child.kill("SIGTERM");
    expect(await sql((await starting).url, "SELECT * FROM kept")).toEqual([{ value: 1 }]);
  });

  it("stops and restarts a PostgreSQL that a killed process left running", async () => {
    const { child, url } = await startElsewhere();
    await sql(url, "CREATE TABLE kept AS SELECT 1 AS value");
    const left = await pidOf();
    await kill(child);
    process.kill(left, 0);
    expect(await sql((await start()).url, "SELECT * FROM kept")).toEqual([{ value: 1 }]);
    expect(await pidOf()).not.toBe(left);
  });

  it("recovers when both processes were killed", async () => {
    const { child, url } = await startElsewhere();
    await sql(url, "CREATE TABLE kept AS SELECT 1 AS value");
    process.kill(await pidOf(), "SIGKILL");
    await kill(child);
    expect(await sql((await start()).url, "SELECT * FROM kept")).toEqual([{ value: 1 }]);
  });
});

async function sql(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
