import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const systemAdmin = await build.systemAdmin();

const LIST = `query ($unusedSince: DateTime, $expiresBefore: DateTime, $take: Int, $cursor: Uuid) {
  serviceAccountKeys(unusedSince: $unusedSince, expiresBefore: $expiresBefore, take: $take, cursor: $cursor) {
    id label entityType entityUuid role active createdAt createdBy creatorRemoved lastUsedAt
    keyStart keyCreatedAt expiresAt keyLastUsedAt previousKeyExpiresAt previousKeyStart previousKeyLastUsedAt
  }
}`;
const list = async (variables: object = {}) => {
  const { data, errors } = await as(systemAdmin).send(LIST, { ...variables });
  expect(errors).toBeUndefined();
  return data.serviceAccountKeys as { id: string; label: string }[];
};
const labels = async (variables: object = {}) => (await list(variables)).map(({ label }) => label);

const at = (day: string) => new Date(`2026-${day}T12:00:00Z`);
const { workspace, admin } = await build.workspace();
const { deployment } = await build.deployment({ workspaceId: workspace.id });
const { organization, owner } = await build.organization();

/** Accounts of every level, from the one whose key is the oldest. */
const accounts = {
  organization: await build.serviceAccount({
    ...{ label: "organization", role: "ORGANIZATION_ROUTER", organizationId: organization.id },
  }),
  system: await build.serviceAccount({ label: "system", role: "SYSTEM_EDITOR" }),
  workspace: await build.serviceAccount({ label: "workspace", role: "WORKSPACE_VIEWER", workspaceId: workspace.id }),
  deployment: await build.serviceAccount({
    ...{ label: "deployment", role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id },
  }),
};
const set = (name: keyof typeof accounts, data: Parameters<typeof db.serviceAccount.update>[0]["data"]) =>
  db.serviceAccount.update({ where: { id: accounts[name].id }, data });
await set("organization", { keyCreatedAt: at("01-01"), createdBy: `user:${owner.id}`, expiresAt: at("12-01") });
await set("system", { keyCreatedAt: at("02-01"), createdAt: at("01-01"), lastUsedAt: at("02-10") });
await set("workspace", { keyCreatedAt: at("03-01"), createdAt: at("03-01"), createdBy: `user:${admin.id}` });
const soon = new Date(Date.now() + 3_600_000);
await set("deployment", {
  ...{ keyCreatedAt: at("04-01"), createdAt: at("01-02"), lastUsedAt: at("04-02"), keyLastUsedAt: at("04-01") },
  ...{ previousKeyHash: "previous", previousKeyStart: "hou_Pr", previousKeyExpiresAt: soon },
  ...{ previousKeyLastUsedAt: at("04-02"), expiresAt: at("06-01") },
});

describe("serviceAccountKeys", () => {
  it("lists the keys of all levels, oldest first, with what is known of each but the key itself", async () => {
    const rows = await list();
    expect(rows.map(({ label }) => label)).toEqual(["organization", "system", "workspace", "deployment"]);
    const noRotation = { previousKeyExpiresAt: null, previousKeyStart: null, previousKeyLastUsedAt: null };
    expect(rows[0]).toEqual({
      ...{ id: accounts.organization.id, label: "organization", entityType: "ORGANIZATION", active: true },
      ...{ entityUuid: organization.id, role: "ORGANIZATION_ROUTER", createdBy: `user:${owner.id}` },
      ...{ createdAt: accounts.organization.createdAt.toISOString(), creatorRemoved: false, lastUsedAt: null },
      ...{ keyStart: accounts.organization.keyStart, keyCreatedAt: at("01-01").toISOString() },
      ...{ expiresAt: at("12-01").toISOString(), keyLastUsedAt: null, ...noRotation },
    });
    expect(rows[1]).toMatchObject({
      entityType: "SYSTEM",
      entityUuid: null,
      role: "SYSTEM_EDITOR",
      creatorRemoved: true,
    });
    expect(rows[2]).toMatchObject({ entityType: "WORKSPACE", entityUuid: workspace.id, creatorRemoved: false });
    expect(rows[3]).toMatchObject({
      ...{ entityType: "DEPLOYMENT", entityUuid: deployment.id, previousKeyExpiresAt: soon.toISOString() },
      ...{ previousKeyStart: "hou_Pr", previousKeyLastUsedAt: at("04-02").toISOString() },
      ...{ lastUsedAt: at("04-02").toISOString(), keyLastUsedAt: at("04-01").toISOString() },
    });
    const text = JSON.stringify(rows);
    for (const { token, keyHash } of Object.values(accounts))
      for (const secret of [token, keyHash]) expect(text).not.toContain(secret);
  });

  it("finds what nobody has used since, and what expires soon", async () => {
    expect(await labels({ unusedSince: at("02-09") })).toEqual([]);
    expect(await labels({ unusedSince: at("02-11") })).toEqual(["system"]);
    expect(await labels({ unusedSince: at("03-02") })).toEqual(["system", "workspace"]);
    expect(await labels({ unusedSince: at("04-03") })).toEqual(["system", "workspace", "deployment"]);
    expect(await labels({ expiresBefore: at("07-01") })).toEqual(["deployment"]);
    expect(await labels({ expiresBefore: at("12-31") })).toEqual(["organization", "deployment"]);
    expect(await labels({ expiresBefore: at("07-01"), unusedSince: at("04-02") })).toEqual([]);
  });

  it("has pages", async () => {
    const pages: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await list({ take: 3, cursor });
      if (page.length === 0) break;
      pages.push(page.map(({ label }) => label));
      cursor = page.at(-1)?.id;
    }
    expect(pages).toEqual([["organization", "system", "workspace"], ["deployment"]]);
  });

  it("is denied to everyone but System Admins", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    for (const someone of [editor, viewer, admin, owner, accounts.system])
      expect(outcomeOf(await as(someone).send(LIST))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(LIST))).toBe("UNAUTHENTICATED");
  });

  it.each([
    [{ take: 0 }, "take"],
    [{ take: 1_001 }, "take"],
  ])("rejects %j", async (variables, argument) => {
    expect(outcomeOf(await as(systemAdmin).send(LIST, variables))).toBe(`BAD_USER_INPUT ${argument}`);
  });
});
