import pg from "pg";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { openDetails } from "../../src/services/clickstream/connectionDetails.ts";
import { createAlpha } from "../support/alpha.ts";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { buildCallers, createPipelines } from "../support/pipelines.ts";
import { waitForLock } from "../support/waitForLock.ts";

const lines: string[] = [];
const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
const { url, db, config, app, database, close } = await startTestApp({}, { log });
afterAll(close);
const build = createBuild(db, config);
const alpha = createAlpha(url);
const pipelines = createPipelines(url);
const { call } = pipelines;
const callers = await buildCallers(build);
const { organization, owner, member, other } = callers;
const admin = callers.mayChange["System Admin"] ?? owner;

/** A secret value that must not be found anywhere but in answers to those who may read it. */
const CANARY = "canary-5f1b0c9e";
const details = { url: "https://example.com/events", headerValue: CANARY };
const args = pipelines.args.connection(organization.id, { details });
const stored = { ...details, headerName: "Authorization" };
const create = (given = {}) => pipelines.connection(owner, organization.id, { details, ...given });
const rowOf = (id: string) => db.connection.findUniqueOrThrow({ where: { id } });

const LIST = `query ($connectionId: String) {
  connections(connectionId: $connectionId) { id name integrationCode connectionPrototypeId details orgId createdAt }
}`;
const list = async (someone: { token: string }, orgId: string, connectionId?: string) =>
  (await alpha(someone, { organization: orgId }).send(LIST, { connectionId })).data.connections as {
    id: string;
    details: unknown;
  }[];

describe("createConnection", () => {
  it("runs as printed", async () => {
    const { data } = await alpha(owner, { organization: organization.id }).send(`mutation {
  createConnection(
    integrationCode: "acquisio"
    details: { accountId: "${CANARY}" }
    name: "My Connection"
    orgId: "${organization.id}"
    connectionPrototypeId: "acquisio-1"
  ) {
    success
    message
    id
  }
}`);
    expect(data.createConnection).toEqual({ success: true, message: "Connection created", id: expect.any(String) });
    const [row] = await list(owner, organization.id, data.createConnection.id);
    expect(row).toMatchObject({
      ...{ name: "My Connection", integrationCode: "acquisio", connectionPrototypeId: "acquisio-1" },
      ...{ details: { accountId: CANARY }, orgId: organization.id },
    });
  });

  it("S2: stores the details with their defaults, encrypted, and only for their own row", async () => {
    const [id, another] = [await create(), await create()];
    const row = await rowOf(id);
    expect(row.details).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toContain("example.com");
    const { secrets } = app.services;
    expect(openDetails(secrets, id, row.details)).toEqual(stored);
    expect(() => openDetails(secrets, another, row.details)).toThrow(`Connection:${another}`);
    await db.connection.update({ where: { id: another }, data: { details: row.details } });
    const { data, errors } = await alpha(owner, { organization: organization.id }).send(LIST, {
      connectionId: another,
    });
    expect(data.connections[0].details).toBeNull();
    expect(errors?.[0]).toMatchObject({ message: "Internal server error" });
    await db.connection.delete({ where: { id: another } });
  });

  it("records who did it, with the names of properties only", async () => {
    const id = await create();
    const author = `user:${owner.id}`;
    expect(await rowOf(id)).toMatchObject({ createdBy: author, updatedBy: author });
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: id } })).toMatchObject({
      ...{ action: "createConnection", entityType: "Connection", actor: author },
      detail: { name: "Events", integrationCode: "webhook", details: ["url", "headerName", "headerValue"] },
    });
  });

  it.each(Object.entries(callers.mayChange))("is open to the %s", async (_kind, someone) => {
    expect(await call(someone, organization.id, "createConnection", args)).toMatchObject({ success: true, code: null });
  });

  it.each([
    ["integrationCode: must be one of acquisio, amazon-s3,", { integrationCode: "fax" }],
    ["integrationCode: must be one of acquisio, amazon-s3,", { integrationCode: "constructor" }],
    ["connectionPrototypeId: must be webhook-1,", { connectionPrototypeId: "slack-1" }],
    ["connectionPrototypeId: must be webhook-1,", { connectionPrototypeId: "" }],
    ["connectionPrototypeId: must be slack-1,", { integrationCode: "slack" }],
    ["name: must be a string of 1 to 80 characters", { name: " " }],
    ["orgId: must be the ID of the Organization in the header", { orgId: other.organization.id }],
    ["details: must be an object; allowed: url, headerName, headerValue", { details: CANARY }],
    ["details: must be an object; allowed: url, headerName, headerValue", { details: [CANARY] }],
    ["details.url: is required", { details: { headerValue: CANARY } }],
    ["details.password: is not a known property; allowed: url,", { details: { ...details, password: CANARY } }],
    ["details.headerValue: must be a string of 1 to", { details: { ...details, headerValue: { a: CANARY } } }],
    [
      "details.headerValue: must be the value of an HTTP header",
      { details: { ...details, headerValue: `${CANARY}é` } },
    ],
    ["details.url: must be an http or https URL", { details: { url: `https://user:${CANARY}@example.com` } }],
  ])("reports, without values: %s", async (message, given) => {
    const before = await db.connection.count();
    const answer = await call(owner, organization.id, "createConnection", { ...args, ...given });
    expect(answer).toMatchObject({ success: false, id: null, code: "BAD_USER_INPUT" });
    expect(answer.message).toContain(message);
    expect(answer.message).not.toContain(CANARY);
    expect(await db.connection.count()).toBe(before);
  });

  it("keeps an Organization at 1,000 Connections, also for concurrent requests", async () => {
    const { organization: full, owner: someone } = await build.organization();
    const data = Array.from({ length: 999 }, (_, n) => ({
      ...{ organizationId: full.id, name: `Connection ${n}`, integrationCode: "webhook", details: "" },
      connectionPrototypeId: "webhook-1",
    }));
    await db.connection.createMany({ data });
    const attempt = () => call(someone, full.id, "createConnection", pipelines.args.connection(full.id));
    const answers = await Promise.all([attempt(), attempt()]);
    expect(answers.map(({ success }) => success).sort()).toEqual([false, true]);
    expect(answers.find(({ success }) => !success)?.message).toBe(
      "orgId: the Organization already has 1,000 Connections, the maximum; delete one first",
    );
  });
});

describe("updateConnection", () => {
  it("renames a Connection and keeps its details", async () => {
    const id = await create();
    const answer = await call(member, organization.id, "updateConnection", { connectionId: id, name: "Renamed" });
    expect(answer).toEqual({ success: true, message: "Connection updated", id, code: null });
    expect((await list(owner, organization.id, id))[0]).toMatchObject({ name: "Renamed", details: stored });
    expect(await rowOf(id)).toMatchObject({ createdBy: `user:${owner.id}`, updatedBy: `user:${member.id}` });
  });

  it("replaces all details, so that a kept secret is not sent to another host", async () => {
    const id = await create();
    const redirected = { url: "https://elsewhere.example.com" };
    const answer = await call(member, organization.id, "updateConnection", { connectionId: id, details: redirected });
    expect(answer).toMatchObject({ success: true });
    expect((await list(owner, organization.id, id))[0]?.details).toEqual({
      ...{ url: "https://elsewhere.example.com", headerName: "Authorization" },
    });
    const entries = await db.auditEntry.findMany({ where: { entityId: id, action: "updateConnection" } });
    expect(entries).toMatchObject([{ detail: { details: ["url", "headerName"] } }]);
    expect(JSON.stringify(entries)).not.toContain("elsewhere");
  });

  it("checks new details as createConnection does, and changes nothing if they are invalid", async () => {
    const id = await create();
    const before = await rowOf(id);
    for (const [value, message] of [
      [{ headerValue: CANARY }, "details.url: is required"],
      [CANARY, "details: must be an object"],
      [{ ...details, trackId: CANARY }, "details.trackId: is not a known property"],
    ] as const) {
      const change = { connectionId: id, name: "Renamed", details: value };
      const answer = await call(owner, organization.id, "updateConnection", change);
      expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
      expect(answer.message).toContain(message);
      expect(answer.message).not.toContain(CANARY);
    }
    expect(await rowOf(id)).toEqual(before);
  });

  it("deletes an unused Connection", async () => {
    const id = await create();
    const answer = await call(member, organization.id, "updateConnection", { connectionId: id, delete: true });
    expect(answer).toEqual({ success: true, message: "Connection deleted", id, code: null });
    expect(await db.connection.count({ where: { id } })).toBe(0);
    expect(await call(member, organization.id, "updateConnection", { connectionId: id, delete: true })).toMatchObject({
      ...{ message: "connectionId: unknown Connection of this Organization", code: "NOT_FOUND" },
    });
  });

  it("does not delete a Connection in use, and says by how many Integrations", async () => {
    const id = await create();
    const appId = await pipelines.application(owner, organization.id);
    const remove = () => call(owner, organization.id, "updateConnection", { connectionId: id, delete: true });
    await pipelines.integration(owner, organization.id, appId, id);
    expect(await remove()).toEqual({
      ...{
        success: false,
        message: "connectionId: is used by 1 Integration; delete it first",
        id: null,
        code: "CONFLICT",
      },
    });
    await pipelines.integration(owner, organization.id, appId, id);
    expect((await remove()).message).toBe("connectionId: is used by 2 Integrations; delete them first");
    await call(owner, organization.id, "updateApplication", { appId, delete: true });
    expect(await remove()).toMatchObject({ success: true });
  });

  it("is deleted or used by a new Integration, never both, if both are requested at the same time", async () => {
    const appId = await pipelines.application(owner, organization.id);
    for (let n = 0; n < 6; n++) {
      const id = await create();
      const [removal, use] = await Promise.all([
        call(owner, organization.id, "updateConnection", { connectionId: id, delete: true }),
        call(member, organization.id, "createIntegration", pipelines.args.integration(appId, id)),
      ]);
      expect(removal.success).toBe(!use.success);
      if (use.success) expect(removal).toMatchObject({ code: "CONFLICT" });
      else expect(use.message).toBe("connectionId: unknown Connection of this Organization");
      expect(await db.connection.count({ where: { id } })).toBe(use.success ? 1 : 0);
    }
  });

  it("waits for a new Integration that is being created, and is then rejected", async () => {
    const id = await create();
    const appId = await pipelines.application(owner, organization.id);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query("BEGIN");
      await client.query(
        `INSERT INTO "Integration" (id, "applicationId", "connectionId", name, "integrationCode", "updatedAt")
         VALUES ('waiting', $1, $2, 'One', 'webhook', now())`,
        [appId, id],
      );
      const removal = call(owner, organization.id, "updateConnection", { connectionId: id, delete: true });
      await waitForLock(client);
      await client.query("COMMIT");
      expect(await removal).toMatchObject({ success: false, code: "CONFLICT" });
    } finally {
      await client.end();
    }
  });

  it.each(Object.entries(callers.mayChange))("is open to the %s", async (_kind, someone) => {
    const connectionId = await create();
    for (const change of [{ name: "Renamed", details }, { delete: true }]) {
      const answer = await call(someone, organization.id, "updateConnection", { connectionId, ...change });
      expect(answer).toMatchObject({ success: true });
    }
  });

  it.each([
    ["name, details, delete: one of them is required", {}],
    ["name, details, delete: one of them is required", { name: "", details: null, delete: false }],
    ["delete: cannot be combined with name, details", { name: "Renamed", details, delete: true }],
    ["connectionId: is required", { connectionId: "", delete: true }],
  ])("reports: %s", async (message, given) => {
    const connectionId = await create();
    const answer = await call(owner, organization.id, "updateConnection", { connectionId, ...given });
    expect(answer).toMatchObject({ success: false, message, code: "BAD_USER_INPUT" });
  });

  it("does not reach a Connection of another Organization, which gets the answer of an unknown one", async () => {
    const foreign = await pipelines.connection(other.owner, other.organization.id);
    const before = await rowOf(foreign);
    for (const connectionId of [foreign, "unknown"]) {
      for (const change of [{ name: "Mine" }, { details }, { delete: true }]) {
        expect(await call(owner, organization.id, "updateConnection", { connectionId, ...change })).toEqual({
          ...{ success: false, message: "connectionId: unknown Connection of this Organization", id: null },
          code: "NOT_FOUND",
        });
      }
    }
    expect(await rowOf(foreign)).toEqual(before);
  });
});

describe("a mutation of Connections", () => {
  it.each([
    ...callers.denied,
    ["a System Viewer", callers.mayOnlySee["System Viewer"], "FORBIDDEN", "organization: you do not belong"] as const,
  ])("is denied to %s, and changes nothing", async (_who, someone, code, message) => {
    const connectionId = await create();
    const before = await rowOf(connectionId);
    const count = await db.connection.count();
    for (const answer of [
      await call(someone, organization.id, "createConnection", args),
      await call(someone, organization.id, "updateConnection", { connectionId, details }),
      await call(someone, organization.id, "updateConnection", { connectionId, delete: true }),
    ]) {
      expect(answer).toMatchObject({ success: false, id: null, code, message: expect.stringContaining(message) });
    }
    expect(await rowOf(connectionId)).toEqual(before);
    expect(await db.connection.count()).toBe(count);
  });

  it("requires the header organization", async () => {
    for (const answer of [
      await call(owner, undefined, "createConnection", args),
      await call(owner, undefined, "updateConnection", { connectionId: "any", delete: true }),
    ]) {
      expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
      expect(answer.message).toMatch(/^organization: is required/);
    }
  });
});

describe("connections", () => {
  it("lists those of the Organization in the header, in the order of their creation", async () => {
    const { organization: own, owner: someone } = await build.organization();
    const ids = [];
    for (const name of ["B", "A", "C"]) ids.push(await pipelines.connection(someone, own.id, { name }));
    expect((await list(someone, own.id)).map(({ id }) => id)).toEqual(ids);
    expect((await list(someone, own.id, ids[1])).map(({ id }) => id)).toEqual([ids[1]]);
    const foreign = await pipelines.connection(other.owner, other.organization.id);
    expect(await list(owner, organization.id, foreign)).toEqual([]);
  });

  it.each(callers.denied)("is denied to %s", async (_who, someone, code, message) => {
    const { data, errors } = await alpha(someone, { organization: organization.id }).send(LIST);
    expect(data).toBeNull();
    expect(errors?.[0]).toMatchObject({ message, extensions: { code } });
  });

  it("requires the header organization", async () => {
    const { errors } = await alpha(owner).send(LIST);
    expect(errors?.[0]?.message).toMatch(/^organization: is required/);
  });

  it.each(["Owner", "System Admin", "API key of an Owner"])("shows the details to the %s", async (kind) => {
    const id = await create();
    const [row] = await list(callers.mayChange[kind] ?? owner, organization.id, id);
    expect(row?.details).toEqual(stored);
  });

  const without = { ...callers.mayChange, ...callers.mayOnlySee };
  it.each(["User", "API key of a User", "System Viewer"])(
    "shows everything but the details to the %s",
    async (kind) => {
      const id = await create();
      const someone = without[kind] ?? member;
      const { data, errors } = await alpha(someone, { organization: organization.id }).send(
        `query ($id: String) {
        connections(connectionId: $id) {
          ...Names details secret: details ...Secrets ... on Connection { again: details }
        }
        all: connections { id details }
      }
      fragment Names on Connection { id name integrationCode connectionPrototypeId orgId }
      fragment Secrets on Connection { details inFragment: details @include(if: true) }`,
        { id },
      );
      expect(errors).toBeUndefined();
      expect(data.connections).toEqual([
        {
          ...{ id, name: "Events", integrationCode: "webhook", connectionPrototypeId: "webhook-1" },
          ...{ orgId: organization.id, details: null, secret: null, again: null, inFragment: null },
        },
      ]);
      expect(new Set(data.all.map((one: { details: unknown }) => one.details))).toEqual(new Set([null]));
      expect(JSON.stringify(data)).not.toContain(CANARY);
    },
  );

  it("decrypts the details only if they are selected", async () => {
    const { secrets } = app.services;
    const { open } = secrets;
    const opened: string[] = [];
    secrets.open = (sealed, boundTo) => {
      opened.push(boundTo);
      return open(sealed, boundTo);
    };
    try {
      const id = await create();
      const send = (fields: string) =>
        alpha(owner, { organization: organization.id }).send(`{ connections(connectionId: "${id}") { ${fields} } }`);
      await send("id name details @skip(if: true)");
      expect(opened).toEqual([]);
      await send("id details");
      expect(opened).toEqual([`Connection:${id}`]);
    } finally {
      secrets.open = open;
    }
  });
});

describe("the details of Connections", () => {
  it("are found neither in the log nor in any table", async () => {
    const id = await create();
    await call(owner, organization.id, "updateConnection", { connectionId: id, details });
    await list(owner, organization.id, id);
    await list(admin, organization.id, id);
    const invalid = [
      `mutation { createConnection(details: { headerValue: "${CANARY}" ) }`,
      `mutation { createConnection(details: { headerValue: "${CANARY}" }) { success } }`,
      `mutation { createConnection(name: { headerValue: "${CANARY}" }) { success } }`,
    ];
    for (const document of invalid)
      expect((await alpha(owner, { organization: organization.id }).send(document)).status).toBe(400);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => line.includes(CANARY))).toEqual([]);

    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const { rows: tables } = await client.query<{ name: string }>(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      );
      expect(tables.map(({ name }) => name)).toContain('public."Connection"');
      for (const { name } of tables) {
        const { rows } = await client.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE $1`, [`%${CANARY}%`]);
        expect(rows, name).toEqual([]);
      }
    } finally {
      await client.end();
    }
  });
});
