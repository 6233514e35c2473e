import { describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { buildCallers, createPipelines } from "../support/pipelines.ts";

const { url, build, db } = await testHouston();
const alpha = createAlpha(url);
const pipelines = createPipelines(url);
const { call } = pipelines;
const callers = await buildCallers(build);
const { organization, owner, member, other } = callers;
const args = pipelines.args.application(organization.id);

const LIST = "query ($appId: String) { applications(appId: $appId) { id name platform orgId createdAt updatedAt } }";
const list = async (someone: { token: string }, orgId: string, appId?: string) =>
  (await alpha(someone, { organization: orgId }).send(LIST, { appId })).data.applications as { id: string }[];

describe("createApplication", () => {
  it("runs as printed, and returns an ID of 21 letters and digits", async () => {
    const { data } = await alpha(owner, { organization: organization.id }).send(`mutation {
  createApplication(
    name: "My App"
    platform: "analytics.js"
    orgId: "${organization.id}"
  ) {
    success
    message
    id
  }
}`);
    expect(data.createApplication).toEqual({
      success: true,
      message: "Application created",
      id: expect.stringMatching(/^[0-9A-Za-z]{21}$/),
    });
    const row = await db.application.findUniqueOrThrow({ where: { id: data.createApplication.id } });
    const author = `user:${owner.id}`;
    expect(row).toMatchObject({
      ...{ name: "My App", platform: "analytics.js", organizationId: organization.id },
      ...{ createdBy: author, updatedBy: author },
    });
    const entry = await db.auditEntry.findFirstOrThrow({ where: { entityId: row.id } });
    expect(entry).toMatchObject({ action: "createApplication", entityType: "Application", actor: author });
  });

  it.each(["analytics.js", "server", "analytics-android", "analytics-ios"])(
    "accepts the platform %s",
    async (platform) => {
      const id = await pipelines.application(member, organization.id, { platform });
      expect(await db.application.findUniqueOrThrow({ where: { id } })).toMatchObject({ platform });
    },
  );

  it("allows several Applications of one name", async () => {
    const ids = [
      await pipelines.application(owner, organization.id),
      await pipelines.application(owner, organization.id),
    ];
    expect(new Set(ids).size).toBe(2);
  });

  it.each(Object.entries(callers.mayChange))("is open to the %s", async (_kind, someone) => {
    expect(await call(someone, organization.id, "createApplication", args)).toMatchObject({
      success: true,
      code: null,
    });
  });

  it.each([
    ["name", { name: "" }, "must be a string of 1 to 80 characters"],
    ["name", { name: "x".repeat(81) }, "must be a string of 1 to 80 characters"],
    ["name", { name: "a\nb" }, "must not contain line breaks"],
    ["platform", { platform: "ios" }, "must be one of analytics.js, server, analytics-android, analytics-ios"],
    ["platform", { platform: "" }, "must be one of analytics.js, server, analytics-android, analytics-ios"],
    ["orgId", { orgId: other.organization.id }, "must be the ID of the Organization in the header `organization`"],
  ])("names the invalid %s: %j", async (argument, given, allowed) => {
    const before = await db.application.count();
    const answer = await call(owner, organization.id, "createApplication", { ...args, ...given });
    expect(answer).toMatchObject({ success: false, id: null, code: "BAD_USER_INPUT" });
    expect(answer.message).toContain(`${argument}: ${allowed}`);
    expect(await db.application.count()).toBe(before);
  });

  it("keeps an Organization at 1,000 Applications, also for concurrent requests", async () => {
    const { organization: full, owner: someone } = await build.organization();
    const data = Array.from({ length: 999 }, (_, n) => ({
      ...{ id: `limit${n}`.padEnd(21, "x"), organizationId: full.id, name: `App ${n}`, platform: "server" },
    }));
    await db.application.createMany({ data });
    const create = () => call(someone, full.id, "createApplication", pipelines.args.application(full.id));
    const answers = await Promise.all([create(), create(), create()]);
    expect(answers.filter(({ success }) => success)).toHaveLength(1);
    expect(answers.find(({ success }) => !success)).toMatchObject({
      message: "orgId: the Organization already has 1,000 Applications, the maximum; delete one first",
      code: "BAD_USER_INPUT",
    });
    expect(await db.application.count({ where: { organizationId: full.id } })).toBe(1000);
    expect(await list(someone, full.id)).toHaveLength(1000);
  });
});

describe("updateApplication", () => {
  it("renames an Application, and records who did", async () => {
    const id = await pipelines.application(owner, organization.id);
    const answer = await call(member, organization.id, "updateApplication", { appId: id, name: " Store " });
    expect(answer).toEqual({ success: true, message: "Application updated", id, code: null });
    expect(await db.application.findUniqueOrThrow({ where: { id } })).toMatchObject({
      ...{ name: "Store", platform: "server", createdBy: `user:${owner.id}`, updatedBy: `user:${member.id}` },
    });
  });

  it("deletes an Application with its Integrations, and says how many", async () => {
    const id = await pipelines.application(owner, organization.id);
    const connectionId = await pipelines.connection(owner, organization.id);
    await pipelines.integration(owner, organization.id, id, connectionId);
    await pipelines.integration(owner, organization.id, id, connectionId);
    const answer = await call(owner, organization.id, "updateApplication", { appId: id, delete: true });
    expect(answer).toEqual({
      ...{ success: true, message: "Application deleted, with its 2 Integrations", id, code: null },
    });
    expect(await db.integration.count({ where: { applicationId: id } })).toBe(0);
    expect(await db.connection.count({ where: { id: connectionId } })).toBe(1);
    const again = await call(owner, organization.id, "updateApplication", { appId: id, delete: true });
    expect(again).toMatchObject({
      ...{ success: false, message: "appId: unknown Application of this Organization", code: "NOT_FOUND" },
    });
  });

  it.each(Object.entries(callers.mayChange))("is open to the %s", async (_kind, someone) => {
    const appId = await pipelines.application(owner, organization.id);
    for (const change of [{ name: "Renamed" }, { delete: true }]) {
      expect(await call(someone, organization.id, "updateApplication", { appId, ...change })).toMatchObject({
        success: true,
      });
    }
  });

  it.each([
    ["name, delete: one of them is required", {}],
    ["name, delete: one of them is required", { name: "", delete: false }],
    ["delete: cannot be combined with name", { name: "Store", delete: true }],
    ["name: must be a string of 1 to 80 characters", { name: "x".repeat(81) }],
    ["appId: is required", { appId: "", name: "Store" }],
  ])("reports: %s", async (message, given) => {
    const appId = await pipelines.application(owner, organization.id);
    const answer = await call(owner, organization.id, "updateApplication", { appId, ...given });
    expect(answer).toMatchObject({ success: false, message, code: "BAD_USER_INPUT" });
    expect(await db.application.findUnique({ where: { id: appId } })).toMatchObject({ name: "Shop" });
  });

  it("does not reach an Application of another Organization, which gets the answer of an unknown one", async () => {
    const foreign = await pipelines.application(other.owner, other.organization.id);
    for (const appId of [foreign, "unknown"]) {
      for (const change of [{ name: "Mine" }, { delete: true }]) {
        expect(await call(owner, organization.id, "updateApplication", { appId, ...change })).toEqual({
          ...{
            success: false,
            message: "appId: unknown Application of this Organization",
            id: null,
            code: "NOT_FOUND",
          },
        });
      }
    }
    expect(await db.application.findUnique({ where: { id: foreign } })).toMatchObject({ name: "Shop" });
  });
});

describe("a mutation of Applications", () => {
  it.each([
    ...callers.denied,
    ["a System Viewer", callers.mayOnlySee["System Viewer"], "FORBIDDEN", "organization: you do not belong"],
  ] as const)("is denied to %s, and changes nothing", async (_who, someone, code, message) => {
    const appId = await pipelines.application(owner, organization.id);
    const before = await db.application.count();
    for (const answer of [
      await call(someone, organization.id, "createApplication", args),
      await call(someone, organization.id, "updateApplication", { appId, name: "Mine" }),
      await call(someone, organization.id, "updateApplication", { appId, delete: true }),
    ]) {
      expect(answer).toMatchObject({ success: false, id: null, code, message: expect.stringContaining(message) });
    }
    expect(await db.application.count()).toBe(before);
  });

  it("requires the header organization", async () => {
    for (const answer of [
      await call(owner, undefined, "createApplication", args),
      await call(owner, undefined, "updateApplication", { appId: "any", delete: true }),
    ]) {
      expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
      expect(answer.message).toMatch(/^organization: is required/);
    }
  });
});

describe("applications", () => {
  it("lists those of the Organization in the header, in the order of their creation", async () => {
    const { organization: own, owner: someone } = await build.organization();
    const ids = [];
    for (const name of ["B", "A", "C"]) ids.push(await pipelines.application(someone, own.id, { name }));
    const rows = await list(someone, own.id);
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(rows[0]).toEqual({
      ...{ id: ids[0], name: "B", platform: "server", orgId: own.id },
      ...{ createdAt: expect.stringMatching(/Z$/), updatedAt: expect.stringMatching(/Z$/) },
    });
    expect((await list(someone, own.id, ids[1])).map(({ id }) => id)).toEqual([ids[1]]);
    expect(await list(someone, own.id, "")).toHaveLength(3);
  });

  it("lists none for the ID of another Organization's Application", async () => {
    const foreign = await pipelines.application(other.owner, other.organization.id);
    expect(await list(owner, organization.id, foreign)).toEqual([]);
    expect(await list(callers.mayChange["System Admin"] ?? owner, organization.id, foreign)).toEqual([]);
  });

  it.each(Object.entries({ ...callers.mayChange, ...callers.mayOnlySee }))(
    "is open to the %s",
    async (_kind, someone) => {
      const id = await pipelines.application(owner, organization.id);
      expect(await list(someone, organization.id, id)).toHaveLength(1);
    },
  );

  it.each(callers.denied)("is denied to %s", async (_who, someone, code, message) => {
    const { data, errors } = await alpha(someone, { organization: organization.id }).send(LIST);
    expect(data).toBeNull();
    expect(errors?.[0]).toMatchObject({ message, extensions: { code } });
  });

  it("requires the header organization", async () => {
    const { errors } = await alpha(owner).send(LIST);
    expect(errors?.[0]?.message).toMatch(/^organization: is required/);
  });
});
