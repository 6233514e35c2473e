import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../src/platform/database/migrate.ts";
import { readMigrations } from "../../src/platform/database/migrations.ts";
import { migrateJobs } from "../../src/platform/jobs/migrateJobs.ts";
import { purgeUntaken } from "../../src/platform/jobs/purgeUntaken.ts";
import { runJobs } from "../../src/platform/jobs/worker.ts";
import { createTestDatabase } from "../support/db.ts";
import { testHouston } from "../support/houston.ts";
import { jobDatabase } from "./jobDatabase.ts";

const log = pino({ level: "silent" });
let database: Awaited<ReturnType<typeof jobDatabase>>;

beforeAll(async () => {
  database = await jobDatabase();
});
afterAll(() => database.close());

describe("purgeUntaken", () => {
  it("removes jobs without a task that waited seven days, and no others", async () => {
    const { pool } = database;
    for (const [task, age] of [
      ["unknown", "8 days"],
      ["unknown", "6 days"],
      ["sendMail", "8 days"],
    ]) {
      await pool.query("SELECT graphile_worker.add_job($1, job_key => $2)", [task, `${task} ${age}`]);
      await pool.query(
        `UPDATE graphile_worker._private_jobs SET run_at = now() - $1::interval, updated_at = now() - $1::interval
         WHERE key = $2`,
        [age, `${task} ${age}`],
      );
    }
    await pool.query("SELECT graphile_worker.add_job('purgeUntaken')");
    await runJobs({ pool, tasks: { purgeUntaken: purgeUntaken(["sendMail"]) }, log });
    const { rows } = await pool.query("SELECT key FROM graphile_worker.jobs ORDER BY id");
    expect(rows).toEqual([{ key: "unknown 6 days" }, { key: "sendMail 8 days" }]);
  });
});

describe("the migration", () => {
  it("removes the jobs that no worker has ever taken, and no others", async () => {
    const { url, drop } = await createTestDatabase({ empty: true });
    const pool = new pg.Pool({ connectionString: url });
    const migrations = await readMigrations();
    const before = migrations.filter(({ name }) => name < "20261128192841_deploy_revisions");
    await migrate(url, log, before);
    await migrateJobs(pool, log);
    for (const task of ["deploymentChanged", "sendMail", "deploymentChanged"]) {
      await pool.query("SELECT graphile_worker.add_job($1)", [task]);
    }
    await migrate(url, log, migrations);
    const { rows } = await pool.query("SELECT task_identifier AS task FROM graphile_worker.jobs");
    expect(rows).toEqual([{ task: "sendMail" }]);
    await pool.end();
    await drop();
  });
});

describe("changes of Deployments", () => {
  it("add no job unless a provisioner takes it", async () => {
    const { as, build, app } = await testHouston();
    const { deployment, admin } = await build.deployment();
    const { pool } = app.services;
    await pool.query("DELETE FROM graphile_worker._private_tasks WHERE identifier = 'provisionDeployment'");
    const UPDATE = `mutation ($id: Uuid!) { updateDeployment(deploymentUuid: $id, payload: { label: "new" }) { label } }`;
    const send = () => as(admin).send(UPDATE, { id: deployment.id });
    const jobs = async () =>
      (await pool.query("SELECT key FROM graphile_worker.jobs WHERE key = $1", [`deployment:${deployment.id}`]))
        .rowCount;
    expect((await send()).data.updateDeployment.label).toBe("new");
    expect(await jobs()).toBe(0);
    await pool.query("INSERT INTO graphile_worker._private_tasks (identifier) VALUES ('provisionDeployment')");
    await send();
    await send();
    expect(await jobs()).toBe(1);
  });
});
