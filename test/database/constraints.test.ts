import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainIdCheck } from "../../scripts/plainIds.ts";
import { connect, type Database } from "../../src/platform/database/connect.ts";
import { nouns } from "../../src/services/nouns.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";

let database: TestDatabase;
let houston: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  const pool = {
    max: 5,
    acquireTimeout: 5_000,
    statementTimeout: 10_000,
    idleInTransactionTimeout: 15_000,
    requestTimeout: 8_000,
  };
  houston = connect(database.url, pool, pino({ level: "silent" }));
  const { db } = houston;
  await db.user.create({ data: { id: "ada", username: "ada" } });
  await db.workspace.create({ data: { id: "blue", label: "Blue" } });
  await db.serviceAccount.create({
    data: { id: "bot", label: "bot", keyHash: "bot", keyStart: "bot", createdBy: "user:ada" },
  });
  for (const releaseName of ["calm-moon-0001", "calm-moon-0002", "calm-moon-0003"]) {
    await db.releaseName.create({ data: { name: releaseName } });
  }
  await db.deployment.create({ data: { ...deployment, id: "etl", releaseName: "calm-moon-0001" } });
});
afterAll(async () => {
  await houston.close();
  await database.drop();
});

const deployment = {
  workspaceId: "blue",
  label: "ETL",
  namespace: "astronomer-calm-moon-0001",
  version: "1.0.0",
  executor: "CeleryExecutor",
  config: {},
  dagDeployment: {},
} as const;
const account = (keyHash: string, more = {}) => ({
  label: "robot",
  keyHash,
  keyStart: "abc",
  createdBy: "user:ada",
  ...more,
});

/** Expects the database to reject a write with the constraint's name. */
async function expectRejected(constraint: string, write: PromiseLike<unknown>) {
  await expect(write).rejects.toThrow(constraint);
}

describe("the database", () => {
  it("has one Platform row", async () => {
    await expectRejected("Platform_one_row", houston.pool.query('INSERT INTO "Platform" VALUES (2)'));
  });

  it("rejects an ID that JSON would have to escape, in each table whose IDs are returned unescaped", async () => {
    const { rows } = await houston.pool.query<{ name: string }>(
      "SELECT conname AS name FROM pg_constraint WHERE convalidated AND pg_get_constraintdef(oid) = $1",
      ["CHECK ((id ~ '^[0-9A-Za-z_-]+$'::text))"],
    );
    const checked = new Set(rows.map(({ name }) => name));
    // An entity whose `id` is another column, or none, has no such IDs.
    const tables = Object.values(nouns.entities).flatMap(({ table, fields }) => (fields.id ? [] : [table]));
    const missing = tables.filter((table) => !checked.has(`${table}_id_plain`)).map(plainIdCheck);
    expect(missing, "SQL that a migration must add").toEqual([]);
    for (const id of ['a"b', "a\\b", "a\nb", "a\n", "", "é"])
      await expectRejected("Workspace_id_plain", houston.db.workspace.create({ data: { id, label: "Odd" } }));
  });

  it("stores times in milliseconds, as they are returned", async () => {
    const { rows } = await houston.pool.query(
      "SELECT DISTINCT data_type, datetime_precision FROM information_schema.columns WHERE table_schema = 'public' AND data_type LIKE 'time%' AND table_name <> '_prisma_migrations'",
    );
    expect(rows).toEqual([{ data_type: "timestamp without time zone", datetime_precision: 3 }]);
  });

  it("rejects a role that does not fit its scope", async () => {
    const { roleBinding } = houston.db;
    const expectRoleRejected = (data: Parameters<typeof roleBinding.create>[0]["data"]) =>
      expectRejected("RoleBinding_role_of_scope", roleBinding.create({ data }));
    await expectRoleRejected({ userId: "ada", workspaceId: "blue", role: "DEPLOYMENT_ADMIN" });
    await expectRoleRejected({ userId: "ada", workspaceId: "blue", role: "SYSTEM_ADMIN" });
    await expectRoleRejected({ userId: "ada", deploymentId: "etl", role: "WORKSPACE_VIEWER" });
    await expectRoleRejected({ userId: "ada", role: "WORKSPACE_ADMIN" });
  });

  it("rejects a role binding with two subjects, none, or two scopes", async () => {
    const { roleBinding } = houston.db;
    const role = "SYSTEM_VIEWER";
    await expectRejected(
      "RoleBinding_one_subject",
      roleBinding.create({ data: { role, userId: "ada", serviceAccountId: "bot" } }),
    );
    await expectRejected("RoleBinding_one_subject", roleBinding.create({ data: { role } }));
    const both = { role: "WORKSPACE_ADMIN", userId: "ada", workspaceId: "blue", deploymentId: "etl" } as const;
    await expectRejected("RoleBinding_one_scope", roleBinding.create({ data: both }));
  });

  it("rejects a duplicate system role", async () => {
    const data = { userId: "ada", role: "SYSTEM_VIEWER" } as const;
    await houston.db.roleBinding.create({ data });
    await expect(houston.db.roleBinding.create({ data })).rejects.toMatchObject({ code: "P2002" });
  });

  it("rejects a duplicate Deployment label in a Workspace until the first one is deleted", async () => {
    const second = { ...deployment, releaseName: "calm-moon-0002" };
    await expect(houston.db.deployment.create({ data: second })).rejects.toMatchObject({ code: "P2002" });
    await houston.db.deployment.update({ where: { id: "etl" }, data: { deletedAt: new Date() } });
    await houston.db.deployment.create({ data: second });
  });

  it("rejects release names that are unknown or in use, and keeps those of Deployments", async () => {
    const { db } = houston;
    const data = { ...deployment, label: "Other" };
    await expect(db.deployment.create({ data: { ...data, releaseName: "new-one-0001" } })).rejects.toMatchObject({
      code: "P2003",
    });
    await expect(db.deployment.create({ data: { ...data, releaseName: "calm-moon-0001" } })).rejects.toMatchObject({
      code: "P2002",
    });
    await expect(db.releaseName.delete({ where: { name: "calm-moon-0001" } })).rejects.toMatchObject({});
  });

  it("frees the release name of a Deployment whose row is deleted, in whatever way", async () => {
    const { db } = houston;
    const names = ["calm-moon-0005", "calm-moon-0006"];
    const count = () => db.releaseName.count({ where: { name: { in: names } } });
    await db.releaseName.createMany({ data: names.map((name) => ({ name })) });
    await db.workspace.create({ data: { id: "brief", label: "Brief" } });
    const [releaseName = "", other = ""] = names;
    await db.deployment.create({ data: { ...deployment, id: "three", label: "Three", releaseName } });
    const brief = { workspaceId: "brief", id: "four", label: "Four", releaseName: other };
    await db.deployment.create({ data: { ...deployment, ...brief } });
    await db.deployment.update({ where: { id: "three" }, data: { deletedAt: new Date() } });
    expect(await count()).toBe(2);
    await db.$executeRaw`DELETE FROM "Deployment" WHERE id = 'three'`;
    expect(await count()).toBe(1);
    await expect(db.workspace.delete({ where: { id: "brief" } })).rejects.toMatchObject({ code: "P2003" });
    await db.deployment.update({ where: { id: "four" }, data: { deletedAt: new Date() } });
    await db.workspace.delete({ where: { id: "brief" } });
    expect(await count()).toBe(0);
  });

  it("accepts one role of a service account per scope", async () => {
    const { serviceAccount, roleBinding } = houston.db;
    const { id: serviceAccountId } = await serviceAccount.create({ data: account("roles", { workspaceId: "blue" }) });
    for (const data of [
      { role: "SYSTEM_VIEWER", serviceAccountId },
      { role: "WORKSPACE_VIEWER", serviceAccountId, workspaceId: "blue" },
      { role: "DEPLOYMENT_ADMIN", serviceAccountId, deploymentId: "etl" },
    ] as const) {
      await roleBinding.create({ data });
      await expect(roleBinding.create({ data })).rejects.toMatchObject({ code: "P2002" });
    }
  });

  it("rejects a service account with two scopes", async () => {
    const data = account("two", { workspaceId: "blue", deploymentId: "etl" });
    await expectRejected("ServiceAccount_one_scope", houston.db.serviceAccount.create({ data }));
  });

  it("rejects a second platform invitation for the same address", async () => {
    const invite = (tokenHash: string) =>
      houston.db.invite.create({ data: { email: "eve@example.com", tokenHash, expiresAt: new Date() } });
    await invite("1");
    await expect(invite("2")).rejects.toMatchObject({ code: "P2002" });
  });

  it("rejects empty and overlong labels, capital letters in addresses and JSON of the wrong shape", async () => {
    const { db } = houston;
    await expectRejected("Workspace_label_length", db.workspace.create({ data: { label: "" } }));
    await expectRejected("Workspace_label_length", db.workspace.create({ data: { label: "x".repeat(81) } }));
    await db.workspace.create({ data: { label: "ü".repeat(80) } });
    await expectRejected(
      "Email_address_lower",
      db.email.create({ data: { userId: "ada", address: "Ada@example.com" } }),
    );
    await expectRejected("User_profile_object", db.user.create({ data: { username: "bob", profile: [] } }));
  });
});
