import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { connect } from "../../src/platform/database/connect.ts";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { queueMail } from "../../src/platform/mail/queueMail.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { testSecret } from "../support/app.ts";
import { createTestDatabase } from "../support/db.ts";
import { figures } from "../support/figures.ts";
import { dataFolder } from "../support/houstonProcess.ts";
import { replicasOn } from "../support/replicas.ts";
import { shortened } from "../support/shortened.ts";
import { smtpServer } from "../support/smtpServer.ts";

const JOBS = shortened(1_000, 400);
const KILLS = 3;
/** Jobs that one process holds: two that run, and two that are done, which is not stored yet. */
const HELD = 4;

/** Ways of sending an e-mail: the environment, the Message-IDs of what was sent, and how many may be sent twice. */
const ways = {
  async "to a file"() {
    const mails = await dataFolder();
    afterAll(mails.remove);
    return { env: { EMAIL__FOLDER: mails.path }, sent: () => messageIds(mails.path), repeated: 0 };
  },
  async "by SMTP"() {
    const port = await freePort();
    const server = await smtpServer(port);
    afterAll(server.close);
    const env = { EMAIL__ENABLED: "true", EMAIL__SMTP_URL: `smtp://127.0.0.1:${port}` };
    // The server may have accepted one when its sender is killed, before it can store that.
    return { env, sent: async () => server.accepted, repeated: KILLS };
  },
};

/** The Message-IDs of all mails in a folder: each is the key of its job. */
async function messageIds(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".eml"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.map((text) => /^Message-ID: <(.+)@/im.exec(text)?.[1] ?? "");
}

describe.each(Object.entries(ways))("e-mails %s", async (name, prepare) => {
  const { env, sent, repeated: allowed } = await prepare();
  const database = await createTestDatabase();
  afterAll(() => database.drop());
  const [houston] = await replicasOn(database.url, 1, env);

  it(`F12: kill -9 of a worker loses no job, repeats no effect, and leaves no job locked: e-mails ${name}`, {
    timeout: 300_000,
  }, async () => {
    if (!houston) throw new Error("no process");
    await houston.start();
    const settings = configFrom({}).database.pool;
    const { db, pool, close } = connect(database.url, settings, pino({ level: "silent" }));
    const secrets = secretBox([testSecret]);
    await db.$transaction(
      async (tx) => {
        for (let n = 0; n < JOBS; n += 1) {
          const data = { name: `User ${n}`, link: "http://localhost/reset", expiresIn: "1 hour" };
          await queueMail({ secrets }, tx, { template: "reset", to: `user${n}@example.com`, data });
        }
      },
      { timeout: 60_000 },
    );
    const waiting = async () => {
      const sql = "SELECT count(*)::int AS jobs FROM graphile_worker.jobs WHERE task_identifier = 'sendMail'";
      return (await pool.query<{ jobs: number }>(sql)).rows[0]?.jobs ?? 0;
    };
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await expect.poll(waiting, { timeout: 60_000, interval: 5 }).toBeLessThan(JOBS - kill * (JOBS / 7));
      await houston.stop("SIGKILL");
      await houston.start();
    }
    // The jobs of the killed processes: no worker has held one for ten minutes, unless it is dead.
    await expect.poll(waiting, { timeout: 120_000 }).toBeLessThanOrEqual(KILLS * HELD);
    const held = await waiting();
    await pool.query("UPDATE graphile_worker._private_jobs SET locked_at = locked_at - interval '11 minutes'");
    await pool.query("SELECT graphile_worker.add_job('unlockJobs')");
    await expect.poll(waiting, { timeout: 90_000 }).toBe(0);
    await close();
    const ids = await sent();
    const repeated = ids.length - new Set(ids).size;
    figures(`F12 ${name}`, { jobs: JOBS, done: new Set(ids).size, "held by killed processes": held, repeated });
    expect(new Set(ids).size).toBe(JOBS);
    expect(repeated).toBeLessThanOrEqual(allowed);
  });
});
