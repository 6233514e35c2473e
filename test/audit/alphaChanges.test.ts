import { describe, expect, it } from "vitest";
import { createAlphaSchema } from "../../src/api/alpha/createAlphaSchema.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { watchChanges } from "./watchChanges.ts";

const { url, build, db } = await testHouston({ publicSignups: true, emailConfirmation: false });
const { organization, owner } = await build.organization();
const alpha = createAlpha(url)(owner, { organization: organization.id });
const watch = await watchChanges(db);

/** IDs of the rows that earlier steps created, by the name of the step's field. */
const ids: Record<string, string> = {};
const details = { url: "https://hooks.example.com", headerName: "X-Secret", headerValue: "canary-details" };

/** A valid call of each mutation, in an order in which all of them work, and twice where a field does several things. */
const steps: [field: string, args: () => string][] = [
  ["createNewUser", () => `email: "ada@example.com", password: "canary-password"`],
  ["createToken", () => `username: "ada@example.com", password: "canary-password"`],
  ["createOrganization", () => `name: "Blue"`],
  ["updateOrganization", () => `name: "Green"`],
  ["updateOrganization", () => `addUsers: ["ada@example.com", "guest@example.com"]`],
  ["updateOrganization", () => `removeUsers: ["ada@example.com"]`],
  ["createApplication", () => `name: "Shop", platform: "server", orgId: "${organization.id}"`],
  ["updateApplication", () => `appId: "${ids.createApplication}", name: "Shops"`],
  [
    "createConnection",
    () => `name: "Ours", orgId: "${organization.id}", integrationCode: "webhook", connectionPrototypeId: "webhook-1",
      details: $details`,
  ],
  ["updateConnection", () => `connectionId: "${ids.createConnection}", details: $details`],
  [
    "createIntegration",
    () => `name: "Orders", appId: "${ids.createApplication}", integrationCode: "webhook", configPayload: {},
      connectionId: "${ids.createConnection}"`,
  ],
  ["updateIntegration", () => `integrationId: "${ids.createIntegration}", name: "Order"`],
  ["createApiKey", () => `name: "Router"`],
  ["updateApiKey", () => `apiKeyId: "${ids.createApiKey}", name: "Routers"`],
  ["rotateApiKey", () => `apiKeyId: "${ids.createApiKey}"`],
  ["revokePreviousApiKey", () => `apiKeyId: "${ids.createApiKey}"`],
  ["updateApiKey", () => `apiKeyId: "${ids.createApiKey}", delete: true`],
  ["updateIntegration", () => `integrationId: "${ids.createIntegration}", delete: true`],
  ["updateConnection", () => `connectionId: "${ids.createConnection}", delete: true`],
  ["updateApplication", () => `appId: "${ids.createApplication}", delete: true`],
];

describe("a mutation of the alpha API", () => {
  it("is called here, whichever it is", () => {
    const ours = Object.keys(createAlphaSchema().getMutationType()?.getFields() ?? {});
    expect(ours.filter((name) => !steps.some(([field]) => field === name))).toEqual([]);
  });

  it.each(steps)("S8: is recorded in the transaction of its change, or not made: %s", async (field, args) => {
    const given = args();
    const document = `mutation ${given.includes("$details") ? "($details: JSON!)" : ""} {
      result: ${field}(${given}) { success code message ${/^create/.test(field) ? "id" : ""} }
    }`;
    const send = async () => {
      const { data, errors } = await alpha.send(document, given.includes("$details") ? { details } : {});
      expect(errors).toBeUndefined();
      return data.result;
    };
    await watch.whileFailing(async () => {
      await watch.forget();
      expect(await send()).toMatchObject({ success: false, code: "INTERNAL_SERVER_ERROR" });
      expect(await watch.changed()).toEqual([]);
    });
    await watch.forget();
    const result = await send();
    expect(result).toMatchObject({ success: true });
    if (result.id) ids[field] = result.id;
    expect(await watch.changedInSecret()).toEqual([]);
    expect(await watch.changed()).not.toEqual([]);
    const entry = await db.auditEntry.findFirstOrThrow({ orderBy: { sequence: "desc" } });
    expect(entry).toMatchObject({ outcome: "DONE", via: "alpha", address: "127.0.0.1" });
  });

  it("leaves encrypted values only in columns that rotate-keys knows", async () => {
    expect(await watch.encrypted()).toEqual(["Connection.details"]);
    expect(encryptedColumns.map(({ name }) => name)).toContain("Connection.details");
  });

  it("leaves no secret in the audit log", async () => {
    const all = await db.$queryRawUnsafe<{ text: string }[]>(`SELECT e::text AS text FROM "AuditEntry" e`);
    expect(all.length).toBeGreaterThan(steps.length - 1);
    expect(all.map(({ text }) => text).join("\n")).not.toMatch(/canary|hou_|eyJ/);
  });
});
