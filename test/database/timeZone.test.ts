import { type AddressInfo, createServer, connect as dial } from "node:net";
import pg from "pg";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { connect } from "../../src/platform/database/connect.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { startTestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { createTestDatabase } from "../support/db.ts";
import { createMailbox } from "../support/mailbox.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const log = pino({ level: "silent" });

/** Runs SQL in the database at `url`, in the zone that it has by default. */
async function inDatabase<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** An empty database whose sessions are in `zone` unless they ask for another one. */
async function databaseIn(zone: string) {
  const database = await createTestDatabase({ empty: true });
  const name = new URL(database.url).pathname.slice(1);
  await inDatabase(database.url, `ALTER DATABASE "${name}" SET TimeZone = '${zone}'`);
  expect(await inDatabase(database.url, "SHOW TimeZone")).toEqual([{ TimeZone: zone }]);
  return database;
}

const near = (value: string | number | Date, expected: number) =>
  expect(Math.abs(new Date(value).getTime() - expected)).toBeLessThan(5 * MINUTE);

// Half-hour offsets on both sides of UTC.
describe.each(["America/St_Johns", "Asia/Kolkata"])("with a database in %s", async (zone) => {
  const mailbox = createMailbox();
  const houston = await startTestApp({ email: { folder: mailbox.folder } }, { database: await databaseIn(zone) });
  afterAll(() => houston.close());
  const { db, url, database, config } = houston;
  const as = createAs(url);
  const build = createBuild(db, config);

  it("migrations store the time at which they ran", async () => {
    const [cluster] = await db.cluster.findMany();
    near(cluster?.createdAt ?? 0, Date.now());
  });

  it("signing up and signing in give tokens and rows that start now", async () => {
    const signUp =
      'mutation { createUser(email: "ada@example.com", password: "correct-horse") { token { value payload { iat exp } } } }';
    const { data, errors } = await as(undefined).send(signUp);
    expect(errors).toBeUndefined();
    near(data.createUser.token.payload.exp * 1_000, Date.now() + DAY);
    const self = await as({ token: data.createUser.token.value }).send("{ self { user { username createdAt } } }");
    expect(self.errors).toBeUndefined();
    near(self.data.self.user.createdAt, Date.now());
    const [row] = await inDatabase<{ created: number; expires: number }>(
      database.url,
      `SELECT extract(epoch FROM "createdAt")::float AS created, extract(epoch FROM "expiresAt")::float AS expires FROM "Session"`,
    );
    // extract() reads a timestamp without zone as UTC.
    near(new Date((row?.created ?? 0) * 1_000), Date.now());
    near(new Date((row?.expires ?? 0) * 1_000), Date.now() + DAY);
  });

  it("invitations can be used until they expire, and not after that", async () => {
    const admin = await build.systemAdmin();
    const invite = "mutation ($email: String!) { inviteUser(email: $email) { id } }";
    for (const name of ["early", "late"]) {
      expect((await as(admin).send(invite, { email: `${name}@example.com` })).errors).toBeUndefined();
    }
    const stored = await db.invite.findMany();
    for (const { expiresAt } of stored) near(expiresAt, Date.now() + 7 * DAY);
    const accept = async (name: string, shift: string) => {
      const token = await mailbox.token("invite", `${name}@example.com`);
      await inDatabase(
        database.url,
        `UPDATE "Invite" SET "expiresAt" = now() AT TIME ZONE 'UTC' ${shift} WHERE email = '${name}@example.com'`,
      );
      return as(undefined).send(
        'mutation ($email: String!, $token: String) { createUser(email: $email, password: "correct-horse", inviteToken: $token) { user { id } } }',
        { email: `${name}@example.com`, token },
      );
    };
    expect((await accept("early", "+ interval '1 minute'")).errors).toBeUndefined();
    expect((await accept("late", "- interval '1 minute'")).errors).toBeDefined();
  });

  it("Deployments and pages by time are in order", async () => {
    const { workspace, admin } = await build.workspace();
    const create =
      'mutation ($id: Uuid!, $label: String!) { createDeployment(workspaceUuid: $id, label: $label, type: "airflow", executor: CeleryExecutor) { id label createdAt } }';
    const labels = ["one", "two", "three"];
    for (const label of labels) {
      const { data, errors } = await as(admin).send(create, { id: workspace.id, label });
      expect(errors).toBeUndefined();
      near(data.createDeployment.createdAt, Date.now());
    }
    const list = "query ($id: Uuid!) { workspaceDeployments(workspaceUuid: $id) { label createdAt } }";
    // The third time, the operation runs on the fast path.
    for (let count = 0; count < 3; count += 1) {
      const { data } = await as(admin).send(list, { id: workspace.id });
      expect(data.workspaceDeployments.map(({ label }: { label: string }) => label).sort()).toEqual(labels.toSorted());
      for (const { createdAt } of data.workspaceDeployments) near(createdAt, Date.now());
    }
  });

  it("jobs run at their time", async () => {
    const rows = await inDatabase<{ late: number }>(
      database.url,
      "SELECT extract(epoch FROM now() - min(run_at))::float AS late FROM graphile_worker.jobs",
    );
    expect(Math.abs(rows[0]?.late ?? 0)).toBeLessThan(5 * 60);
  });

  it("every connection of Houston is in UTC, also with options in the URL", async () => {
    const pool = {
      max: 2,
      acquireTimeout: 5_000,
      statementTimeout: 5_000,
      idleInTransactionTimeout: 5_000,
      requestTimeout: 8_000,
    };
    const options = encodeURIComponent("-c TimeZone=Asia/Tokyo -c search_path=public");
    const connected = connect(`${database.url}?options=${options}`, pool, log);
    try {
      const { rows } = await connected.pool.query(
        "SELECT current_setting('TimeZone') AS zone, current_setting('search_path') AS path",
      );
      expect(rows).toEqual([{ zone: "UTC", path: "public" }]);
    } finally {
      await connected.close();
    }
    expect(await migrate(`${database.url}?options=${options}`, log)).toEqual([]);
  });
});

describe("a connection pooler that drops startup parameters", () => {
  it("stops the start, because times would be stored shifted", async () => {
    const database = await databaseIn("Asia/Kolkata");
    afterAll(() => database.drop());
    const pooler = await withoutOptions(new URL(database.url));
    const attempt = migrate(pooler.url, log).finally(pooler.close);
    await expect(attempt).rejects.toThrow(
      /^database\.url \(DATABASE_URL\): sessions are in the time zone Asia\/Kolkata .*PgBouncer/,
    );
  });
});

/** Passes connections on to the server of `target`, without `options` in the startup message. */
async function withoutOptions(target: URL) {
  const server = createServer((client) => {
    const upstream = dial(Number(target.port), target.hostname);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.once("data", (message) => {
      const parts = message.subarray(8).toString().split("\0");
      const at = parts.indexOf("options");
      if (at >= 0) parts.splice(at, 2);
      const body = Buffer.from(parts.join("\0"));
      const head = Buffer.alloc(8);
      head.writeInt32BE(body.length + 8);
      message.copy(head, 4, 4, 8);
      upstream.write(Buffer.concat([head, body]));
      client.pipe(upstream).pipe(client);
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, close: () => void server.close() };
}
