import pg from "pg";
import { describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { buildCallers, createPipelines } from "../support/pipelines.ts";
import { waitForLock } from "../support/waitForLock.ts";

const { url, build, db, database } = await testHouston();
const alpha = createAlpha(url);
const pipelines = createPipelines(url);
const { call } = pipelines;
const callers = await buildCallers(build);
const { organization, owner, member, other } = callers;

const appId = await pipelines.application(owner, organization.id);
const connectionId = await pipelines.connection(owner, organization.id);
const foreign = {
  appId: await pipelines.application(other.owner, other.organization.id),
  connectionId: await pipelines.connection(other.owner, other.organization.id),
};
const slack = { integrationCode: "slack", connectionPrototypeId: "slack-1" };
const slackId = await pipelines.connection(owner, organization.id, {
  ...slack,
  details: { webhookUrl: "https://hooks.slack.com/services/T0/B0/x" },
});
const args = pipelines.args.integration(appId, connectionId);
const create = (given = {}) => pipelines.integration(owner, organization.id, appId, connectionId, given);
const rowOf = (id: string) => db.integration.findUniqueOrThrow({ where: { id } });

const LIST = `query ($integrationId: String, $appId: String, $connectionId: String, $first: Int, $after: String) {
  integrations(
    integrationId: $integrationId, appId: $appId, connectionId: $connectionId, first: $first, after: $after
  ) {
    id name integrationCode configPayload appId connectionId createdAt updatedAt
  }
}`;
const send = (someone: { token: string } | undefined, orgId: string, given = {}) =>
  alpha(someone, { organization: orgId }).send(LIST, given);
const idsOf = async (someone: { token: string }, orgId: string, given = {}) =>
  (await send(someone, orgId, given)).data.integrations.map(({ id }: { id: string }) => id) as string[];

describe("createIntegration", () => {
  it("runs as printed, with a quoted key", async () => {
    const acquisio = { integrationCode: "acquisio", connectionPrototypeId: "acquisio-1", details: {} };
    const saved = await pipelines.connection(owner, organization.id, acquisio);
    const { data, errors } = await alpha(owner, { organization: organization.id }).send(`mutation {
  createIntegration(
    appId: "${appId}"
    integrationCode: "acquisio"
    configPayload: {"trackId": "12345"}
    connectionId: "${saved}"
    name: "My Integration"
  ) {
    success
    message
    id
  }
}`);
    expect(errors).toBeUndefined();
    expect(data.createIntegration).toEqual({ success: true, message: "Integration created", id: expect.any(String) });
    const integrationId = data.createIntegration.id;
    expect((await send(owner, organization.id, { integrationId })).data.integrations).toEqual([
      {
        ...{ id: integrationId, name: "My Integration", integrationCode: "acquisio", appId, connectionId: saved },
        configPayload: { trackId: "12345", trackPages: false },
        ...{ createdAt: expect.stringMatching(/Z$/), updatedAt: expect.stringMatching(/Z$/) },
      },
    ]);
  });

  it("stores the config with its defaults, and records who did it, with the names of properties only", async () => {
    const id = await create({ configPayload: { events: ["Order Completed"] } });
    const author = `user:${owner.id}`;
    expect(await rowOf(id)).toMatchObject({
      ...{ applicationId: appId, connectionId, integrationCode: "webhook", createdBy: author, updatedBy: author },
      configPayload: { events: ["Order Completed"], batchSize: 1 },
    });
    const entry = await db.auditEntry.findFirstOrThrow({ where: { entityId: id } });
    expect(entry).toMatchObject({
      ...{ action: "createIntegration", entityType: "Integration", actor: author },
      detail: { appId, connectionId, configPayload: ["events", "batchSize"] },
    });
    expect(JSON.stringify(entry)).not.toContain("Order Completed");
  });

  it("uses one Connection in several Integrations, also of several Applications", async () => {
    const second = await pipelines.application(owner, organization.id);
    await create();
    await create();
    await pipelines.integration(owner, organization.id, second, connectionId);
    expect(await idsOf(owner, organization.id, { connectionId, appId: second })).toHaveLength(1);
  });

  it.each(Object.entries(callers.mayChange))("is open to the %s", async (_kind, someone) => {
    expect(await call(someone, organization.id, "createIntegration", args)).toMatchObject({
      success: true,
      code: null,
    });
  });

  it.each([
    ["appId: unknown Application of this Organization", { appId: "unknown" }],
    ["appId: unknown Application of this Organization", { appId: foreign.appId }],
    ["appId: is required", { appId: "" }],
    ["connectionId: unknown Connection of this Organization", { connectionId: "unknown" }],
    ["connectionId: unknown Connection of this Organization", { connectionId: foreign.connectionId }],
    ["connectionId: is required", { connectionId: "" }],
    ["connectionId: must be a Connection for webhook; it is for slack", { connectionId: slackId }],
    ["integrationCode: must be one of acquisio, amazon-s3,", { integrationCode: "fax" }],
    ["name: must be a string of 1 to 80 characters", { name: "" }],
    ["configPayload: must be an object; allowed: events, batchSize", { configPayload: "canary" }],
    ["configPayload.url: is not a known property; allowed: events, batchSize", { configPayload: { url: "canary" } }],
    ["configPayload.batchSize: must be a whole number from 1 to 500", { configPayload: { batchSize: "canary" } }],
    ["configPayload.events.1: must be a string of 1 to 255", { configPayload: { events: ["a", ["canary"]] } }],
  ])("reports, without values: %s", async (message, given) => {
    const before = await db.integration.count();
    const answer = await call(owner, organization.id, "createIntegration", { ...args, ...given });
    expect(answer).toMatchObject({ success: false, id: null, code: "BAD_USER_INPUT" });
    expect(answer.message).toContain(message);
    expect(answer.message).not.toContain("canary");
    expect(await db.integration.count()).toBe(before);
  });

  it("requires properties that the prototype requires", async () => {
    const acquisio = { integrationCode: "acquisio", connectionPrototypeId: "acquisio-1", details: {} };
    const saved = await pipelines.connection(owner, organization.id, acquisio);
    const given = { ...args, integrationCode: "acquisio", connectionId: saved };
    expect((await call(owner, organization.id, "createIntegration", given)).message).toBe(
      "configPayload.trackId: is required",
    );
  });

  it("keeps an Application at 200 Integrations, also for concurrent requests", async () => {
    const full = await pipelines.application(owner, organization.id);
    const saved = await pipelines.connection(owner, organization.id);
    const data = Array.from({ length: 199 }, (_, n) => ({
      ...{ applicationId: full, connectionId: saved, name: `Integration ${n}`, integrationCode: "webhook" },
    }));
    await db.integration.createMany({ data });
    const attempt = () => call(owner, organization.id, "createIntegration", pipelines.args.integration(full, saved));
    const answers = await Promise.all([attempt(), attempt()]);
    expect(answers.map(({ success }) => success).sort()).toEqual([false, true]);
    expect(answers.find(({ success }) => !success)?.message).toBe(
      "appId: the Application already has 200 Integrations, the maximum; delete one first",
    );
    await call(owner, organization.id, "updateApplication", { appId: full, delete: true });
  });

  it("waits for the deletion of its Connection, and is then rejected", async () => {
    const id = await pipelines.connection(owner, organization.id);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query("BEGIN");
      await client.query(`DELETE FROM "Connection" WHERE id = $1`, [id]);
      const use = call(owner, organization.id, "createIntegration", { ...args, connectionId: id });
      await waitForLock(client);
      await client.query("COMMIT");
      expect(await use).toMatchObject({
        ...{ message: "connectionId: unknown Connection of this Organization", code: "BAD_USER_INPUT" },
      });
    } finally {
      await client.end();
    }
  });

  it("is deleted with its Application or rejected, if both are requested at the same time", async () => {
    for (let n = 0; n < 6; n++) {
      const app = await pipelines.application(owner, organization.id);
      const [removal, creation] = await Promise.all([
        call(owner, organization.id, "updateApplication", { appId: app, delete: true }),
        call(member, organization.id, "createIntegration", { ...args, appId: app }),
      ]);
      expect(removal.success).toBe(true);
      if (!creation.success) expect(creation.message).toBe("appId: unknown Application of this Organization");
      expect(await db.integration.count({ where: { applicationId: app } })).toBe(0);
    }
  });
});

describe("updateIntegration", () => {
  it("changes name and Connection, replaces the config, and records who did it", async () => {
    const integrationId = await create({ configPayload: { events: ["a"], batchSize: 5 } });
    const another = await pipelines.connection(owner, organization.id);
    const change = { integrationId, name: "Some events", configPayload: { events: ["b"] }, connectionId: another };
    expect(await call(member, organization.id, "updateIntegration", change)).toEqual({
      ...{ success: true, message: "Integration updated", id: integrationId, code: null },
    });
    expect(await rowOf(integrationId)).toMatchObject({
      ...{ name: "Some events", connectionId: another, configPayload: { events: ["b"], batchSize: 1 } },
      ...{ createdBy: `user:${owner.id}`, updatedBy: `user:${member.id}` },
    });
  });

  it("changes only what is given", async () => {
    const integrationId = await create({ configPayload: { batchSize: 5 } });
    await call(member, organization.id, "updateIntegration", { integrationId, name: "Renamed", connectionId: "" });
    expect(await rowOf(integrationId)).toMatchObject({
      name: "Renamed",
      connectionId,
      configPayload: { batchSize: 5 },
    });
  });

  it("deletes an Integration, and keeps its Application and Connection", async () => {
    const integrationId = await create();
    const remove = () => call(member, organization.id, "updateIntegration", { integrationId, delete: true });
    expect(await remove()).toEqual({ success: true, message: "Integration deleted", id: integrationId, code: null });
    expect(await db.integration.count({ where: { id: integrationId } })).toBe(0);
    expect(await db.application.count({ where: { id: appId } })).toBe(1);
    expect(await db.connection.count({ where: { id: connectionId } })).toBe(1);
    expect(await remove()).toMatchObject({
      ...{ message: "integrationId: unknown Integration of this Organization", code: "NOT_FOUND" },
    });
  });

  it.each(Object.entries(callers.mayChange))("is open to the %s", async (_kind, someone) => {
    const integrationId = await create();
    for (const change of [{ name: "Renamed" }, { delete: true }]) {
      const answer = await call(someone, organization.id, "updateIntegration", { integrationId, ...change });
      expect(answer).toMatchObject({ success: true });
    }
  });

  it.each([
    ["name, configPayload, connectionId, delete: one of them is required", {}],
    ["delete: cannot be combined with name, configPayload", { name: "Renamed", configPayload: {}, delete: true }],
    ["connectionId: unknown Connection of this Organization", { connectionId: "unknown" }],
    ["connectionId: unknown Connection of this Organization", { connectionId: foreign.connectionId }],
    ["connectionId: must be a Connection for webhook; it is for slack", { connectionId: slackId }],
    ["configPayload.url: is not a known property", { name: "Renamed", configPayload: { url: "canary" } }],
    ["integrationId: is required", { integrationId: "", delete: true }],
  ])("reports, and changes nothing: %s", async (message, given) => {
    const integrationId = await create();
    const before = await rowOf(integrationId);
    const answer = await call(owner, organization.id, "updateIntegration", { integrationId, ...given });
    expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
    expect(answer.message).toContain(message);
    expect(answer.message).not.toContain("canary");
    expect(await rowOf(integrationId)).toEqual(before);
  });

  it("does not reach an Integration of another Organization, which gets the answer of an unknown one", async () => {
    const theirs = await pipelines.integration(other.owner, other.organization.id, foreign.appId, foreign.connectionId);
    const before = await rowOf(theirs);
    for (const integrationId of [theirs, "unknown"]) {
      for (const change of [{ name: "Mine" }, { connectionId }, { configPayload: {} }, { delete: true }]) {
        expect(await call(owner, organization.id, "updateIntegration", { integrationId, ...change })).toEqual({
          ...{ success: false, message: "integrationId: unknown Integration of this Organization", id: null },
          code: "NOT_FOUND",
        });
      }
    }
    expect(await rowOf(theirs)).toEqual(before);
  });

  it("locks the Connection before the Integration, as deletions do, so that neither waits for the other", async () => {
    const integrationId = await create();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query("BEGIN");
      await client.query(`SELECT 1 FROM "Connection" WHERE id = $1 FOR UPDATE`, [connectionId]);
      const update = call(owner, organization.id, "updateIntegration", { integrationId, connectionId });
      await waitForLock(client);
      await client.query(`SELECT 1 FROM "Integration" WHERE id = $1 FOR UPDATE NOWAIT`, [integrationId]);
      await client.query("COMMIT");
      expect(await update).toMatchObject({ success: true });
    } finally {
      await client.end();
    }
  });
});

describe("a mutation of Integrations", () => {
  it.each([
    ...callers.denied,
    ["a System Viewer", callers.mayOnlySee["System Viewer"], "FORBIDDEN", "organization: you do not belong"] as const,
  ])("is denied to %s, and changes nothing", async (_who, someone, code, message) => {
    const integrationId = await create();
    const before = await rowOf(integrationId);
    const count = await db.integration.count();
    for (const answer of [
      await call(someone, organization.id, "createIntegration", args),
      await call(someone, organization.id, "updateIntegration", { integrationId, name: "Mine" }),
      await call(someone, organization.id, "updateIntegration", { integrationId, delete: true }),
    ]) {
      expect(answer).toMatchObject({ success: false, id: null, code, message: expect.stringContaining(message) });
    }
    expect(await rowOf(integrationId)).toEqual(before);
    expect(await db.integration.count()).toBe(count);
  });

  it("requires the header organization", async () => {
    for (const answer of [
      await call(owner, undefined, "createIntegration", args),
      await call(owner, undefined, "updateIntegration", { integrationId: "any", delete: true }),
    ]) {
      expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
      expect(answer.message).toMatch(/^organization: is required/);
    }
  });

  it("needs Application and Connection in the Organization of the header, also by someone in both", async () => {
    const roles = [organization, other.organization].map(({ id }) => ({
      ...{ role: "ORGANIZATION_OWNER" as const, organizationId: id },
    }));
    const both = await build.user({ roles });
    for (const someone of [both, callers.mayChange["System Admin"]]) {
      for (const [given, message] of [
        [{ appId: foreign.appId }, "appId: unknown Application of this Organization"],
        [{ connectionId: foreign.connectionId }, "connectionId: unknown Connection of this Organization"],
      ] as const) {
        const answer = await call(someone, organization.id, "createIntegration", { ...args, ...given });
        expect(answer).toMatchObject({ success: false, message, code: "BAD_USER_INPUT" });
      }
    }
  });
});

describe("integrations", () => {
  it("lists those of the Organization in the header, by Application, Connection and page", async () => {
    const { organization: own, owner: someone } = await build.organization();
    const [first, second] = [
      await pipelines.application(someone, own.id),
      await pipelines.application(someone, own.id),
    ];
    const [one, two] = [await pipelines.connection(someone, own.id), await pipelines.connection(someone, own.id)];
    const ids: string[] = [];
    for (const [app, connection] of [
      [first, one],
      [second, two],
      [first, two],
    ] as const) {
      ids.push(await pipelines.integration(someone, own.id, app, connection));
    }
    const found = (given = {}) => idsOf(someone, own.id, given);
    expect(await found()).toEqual(ids);
    expect(await found({ appId: "", integrationId: "" })).toEqual(ids);
    expect(await found({ appId: first })).toEqual([ids[0], ids[2]]);
    expect(await found({ connectionId: two })).toEqual([ids[1], ids[2]]);
    expect(await found({ appId: first, connectionId: two })).toEqual([ids[2]]);
    expect(await found({ integrationId: ids[1] })).toEqual([ids[1]]);
    expect(await found({ integrationId: ids[1], appId: first })).toEqual([]);
    expect(await found({ first: 2 })).toEqual(ids.slice(0, 2));
    expect(await found({ first: 2, after: ids[1] })).toEqual([ids[2]]);
    expect(await found({ after: "unknown" })).toEqual([]);
    expect(await found({ appId: foreign.appId })).toEqual([]);
    expect(await found({ connectionId: foreign.connectionId })).toEqual([]);
  });

  it("lists none for the ID of another Organization's Integration", async () => {
    const theirs = await pipelines.integration(other.owner, other.organization.id, foreign.appId, foreign.connectionId);
    for (const someone of [owner, callers.mayChange["System Admin"] ?? owner])
      expect(await idsOf(someone, organization.id, { integrationId: theirs })).toEqual([]);
  });

  it.each([0, -1, 1001])("names an invalid number of Integrations: %s", async (first) => {
    const { errors } = await send(owner, organization.id, { first });
    expect(errors?.[0]).toMatchObject({
      ...{ message: "first: must be a whole number from 1 to 1,000", extensions: { code: "BAD_USER_INPUT" } },
    });
  });

  it.each(Object.entries({ ...callers.mayChange, ...callers.mayOnlySee }))(
    "is open to the %s",
    async (_kind, someone) => {
      const integrationId = await create();
      expect(await idsOf(someone, organization.id, { integrationId })).toEqual([integrationId]);
    },
  );

  it.each(callers.denied)("is denied to %s", async (_who, someone, code, message) => {
    const { data, errors } = await send(someone, organization.id);
    expect(data).toBeNull();
    expect(errors?.[0]).toMatchObject({ message, extensions: { code } });
  });

  it("requires the header organization", async () => {
    const { errors } = await alpha(owner).send(LIST);
    expect(errors?.[0]?.message).toMatch(/^organization: is required/);
  });
});
