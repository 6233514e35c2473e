import pg from "pg";
import { describe, expect, it } from "vitest";
import { keyPattern } from "../../src/access/apiKey.ts";
import { purgeTasks } from "../../src/platform/jobs/purge.ts";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { closingSockets, ofType, SUBSCRIBE, subscribeLegacy } from "../support/sockets.ts";
import { waitForLock } from "../support/waitForLock.ts";

const { app, as, build, database, db, url } = await testHouston({ subscriptions: { recheckInterval: 3_600_000 } });
const systemAdmin = await build.systemAdmin();
const closing = closingSockets();

const ROTATE = `mutation ($id: Uuid!, $graceMinutes: Int, $expiresAt: DateTime) {
  result: rotateServiceAccountKey(serviceAccountUuid: $id, graceMinutes: $graceMinutes, expiresAt: $expiresAt) {
    id key: apiKey keyStart expiresAt lastUsedAt keyLastUsedAt
    previousKeyStart previousKeyExpiresAt previousKeyLastUsedAt
  }
}`;
const REVOKE = `mutation ($id: Uuid!) {
  result: revokePreviousServiceAccountKey(serviceAccountUuid: $id) { id previousKeyExpiresAt }
}`;

const rotate = async (someone: Someone, id: string, variables: object = {}) => {
  const answer = await as(someone).send(ROTATE, { id, ...variables });
  return { ...answer.data?.result, outcome: outcomeOf(answer), message: answer.errors?.[0]?.message };
};
const revoke = async (someone: Someone, id: string) => outcomeOf(await as(someone).send(REVOKE, { id }));
/** Whether keys are accepted. */
const accepted = (...keys: string[]) =>
  Promise.all(keys.map(async (token) => outcomeOf(await as({ token }).send("{ self { isAdmin } }")) === "ok"));
const stored = (id: string) => db.serviceAccount.findUniqueOrThrow({ where: { id } });
const minutesFrom = (time: string | Date | null) => (Number(new Date(time ?? 0)) - Date.now()) / 60_000;

async function inWorkspace() {
  const here = await build.workspace();
  const workspaceId = here.workspace.id;
  const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId });
  return { ...here, workspaceId, account };
}

describe("rotateServiceAccountKey", () => {
  it("issues a new key, shown only there, and keeps the old one valid for the grace time", async () => {
    const { account, admin } = await inWorkspace();
    const { key, ...result } = await rotate(admin, account.id);
    expect(result).toMatchObject({ id: account.id, outcome: "ok", keyStart: key.slice(0, 6), expiresAt: null });
    expect(key).toMatch(keyPattern);
    expect(Math.abs(minutesFrom(result.previousKeyExpiresAt) - 1_440)).toBeLessThan(1);
    expect(await accepted(account.token, key)).toEqual([true, true]);
    expect(await stored(account.id)).toMatchObject({
      ...{ keyHash: hashOf(key), keyEncrypted: null, keyShownUntil: null, previousKeyHash: account.keyHash },
      createdBy: `user:${admin.id}`,
    });
    const { data } = await as(admin).send(
      "query ($id: Uuid!) { workspaceServiceAccounts(workspaceUuid: $id) { apiKey } }",
      {
        id: account.workspaceId,
      },
    );
    expect(JSON.stringify(data)).not.toContain(key);
  });

  it("ends the old key at once without a grace time, and when that is over", async () => {
    const { account, admin } = await inWorkspace();
    const { key } = await rotate(admin, account.id, { graceMinutes: 0 });
    expect(await accepted(account.token, key)).toEqual([false, true]);
    const { key: next } = await rotate(admin, account.id, { graceMinutes: 1 });
    expect(await accepted(key, next)).toEqual([true, true]);
    await db.serviceAccount.update({
      where: { id: account.id },
      data: { previousKeyExpiresAt: new Date(Date.now() - 1) },
    });
    expect(await accepted(key, next)).toEqual([false, true]);
    const { data } = await as(systemAdmin).send("{ serviceAccountKeys { id previousKeyExpiresAt previousKeyStart } }");
    expect(data.serviceAccountKeys).toContainEqual({
      id: account.id,
      previousKeyExpiresAt: null,
      previousKeyStart: null,
    });
  });

  it("keeps at most two keys valid, also when rotations are concurrent", async () => {
    const { account, admin } = await inWorkspace();
    const { key: second } = await rotate(admin, account.id);
    const { key: third } = await rotate(admin, account.id);
    expect(await accepted(account.token, second, third)).toEqual([false, true, true]);
    const rotations = await Promise.all(Array.from({ length: 5 }, () => rotate(admin, account.id)));
    const keys = [account.token, second, third, ...rotations.map(({ key }) => key)];
    expect((await accepted(...keys)).filter(Boolean)).toHaveLength(2);
  });

  it("waits for another change of the keys, and follows it", async () => {
    const { account, admin } = await inWorkspace();
    let rotation: ReturnType<typeof rotate> | undefined;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query("BEGIN");
      const sql = `UPDATE "ServiceAccount" SET "keyHash" = 'other ' || id WHERE id = $1`;
      await client.query(sql, [account.id]);
      rotation = rotate(admin, account.id);
      await waitForLock(client);
      await client.query("COMMIT");
    } finally {
      await client.end();
    }
    expect((await rotation)?.outcome).toBe("ok");
    expect((await stored(account.id)).previousKeyHash).toBe(`other ${account.id}`);
  });

  it("does not extend the old key beyond its expiry", async () => {
    const { account, admin } = await inWorkspace();
    const expiresAt = new Date(Date.now() + 60_000);
    await db.serviceAccount.update({ where: { id: account.id }, data: { expiresAt } });
    expect((await rotate(admin, account.id)).previousKeyExpiresAt).toBe(expiresAt.toISOString());
    await db.serviceAccount.update({ where: { id: account.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect((await rotate(admin, account.id)).previousKeyExpiresAt).toBeNull();
  });

  it("gives the new key the life that the old one was given, unless another is asked for", async () => {
    const { account, admin } = await inWorkspace();
    const [keyCreatedAt, expiresAt] = [new Date(Date.now() - 20_000), new Date(Date.now() + 40_000)];
    const createdBy = `user:${admin.id}`;
    await db.serviceAccount.update({ where: { id: account.id }, data: { keyCreatedAt, expiresAt, createdBy } });
    expect(minutesFrom((await rotate(admin, account.id)).expiresAt)).toBeCloseTo(1, 0);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect((await rotate(admin, account.id, { expiresAt: later })).expiresAt).toBe(later);
    expect(await rotate(admin, account.id, { expiresAt: "2020-01-01T00:00:00Z" })).toMatchObject({
      ...{ outcome: "BAD_USER_INPUT expiresAt", message: "expiresAt: must be in the future" },
    });
  });

  it("tells when each key was last used", async () => {
    const { account, admin } = await inWorkspace();
    await accepted(account.token);
    await app.services.lastUsed.flush();
    const { key, ...fresh } = await rotate(admin, account.id);
    expect(fresh.previousKeyLastUsedAt).toBe(fresh.lastUsedAt);
    expect(fresh.keyLastUsedAt).toBeNull();
    await accepted(key);
    // Not stored yet when it was rotated.
    await accepted(account.token);
    await app.services.lastUsed.flush();
    const after = await stored(account.id);
    for (const time of [after.keyLastUsedAt, after.previousKeyLastUsedAt, after.lastUsedAt])
      expect(Math.abs(minutesFrom(time))).toBeLessThan(1);
    expect(Number(after.previousKeyLastUsedAt)).toBeGreaterThan(Date.parse(fresh.lastUsedAt));
  });

  it.each([
    [-1, "graceMinutes: must be a whole number of minutes, at least 0"],
    [10_081, "graceMinutes: must be at most 10080 (serviceAccounts.maxGraceMinutes)"],
  ])("rejects a grace time of %d minutes", async (graceMinutes, message) => {
    const { account, admin } = await inWorkspace();
    const outcome = "BAD_USER_INPUT graceMinutes";
    expect(await rotate(admin, account.id, { graceMinutes })).toMatchObject({ outcome, message });
    expect((await stored(account.id)).keyHash).toBe(account.keyHash);
  });

  it("is allowed to those who may update the account, at every level, and to itself", async () => {
    const { deployment, editor, viewer, home } = await build.deployment();
    const { id: deploymentId, workspaceId } = deployment;
    const ofDeployment = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId });
    const ofWorkspace = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId });
    const ofSystem = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    for (const someone of [ofDeployment, editor, home?.admin, systemAdmin])
      expect((await rotate(someone, ofDeployment.id)).outcome).toBe("ok");
    for (const someone of [ofWorkspace, home?.editor, systemAdmin])
      expect((await rotate(someone, ofWorkspace.id)).outcome).toBe("ok");
    for (const someone of [ofSystem, systemAdmin]) expect((await rotate(someone, ofSystem.id)).outcome).toBe("ok");
    for (const [someone, { id }] of [
      [viewer, ofDeployment],
      [home?.editor, ofDeployment],
      [home?.viewer, ofWorkspace],
      [home?.outsider, ofWorkspace],
      [home?.admin, ofSystem],
    ] as const) {
      expect((await rotate(someone, id)).outcome).toBe("FORBIDDEN");
      expect(await revoke(someone, id)).toBe("FORBIDDEN");
    }
    expect((await rotate(undefined, ofSystem.id)).outcome).toBe("UNAUTHENTICATED");
    expect(await revoke(undefined, ofSystem.id)).toBe("UNAUTHENTICATED");
  });

  it("is denied to whoever would gain permissions by it", async () => {
    const { workspaceId, editor, admin } = await inWorkspace();
    const stronger = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId });
    expect((await rotate(editor, stronger.id)).outcome).toBe("FORBIDDEN");
    expect((await rotate(admin, stronger.id)).outcome).toBe("ok");
    const systemEditor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const root = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    expect((await rotate(systemEditor, root.id)).outcome).toBe("FORBIDDEN");
    // Its role on a Deployment that it created counts too: Workspace Editors hold none there.
    const { deployment } = await build.deployment({ workspaceId });
    const pipeline = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId });
    const made = { serviceAccountId: pipeline.id, role: "DEPLOYMENT_ADMIN" as const, deploymentId: deployment.id };
    expect((await rotate(editor, pipeline.id)).outcome).toBe("ok");
    await db.roleBinding.create({ data: made });
    expect((await rotate(editor, pipeline.id)).outcome).toBe("FORBIDDEN");
    expect((await rotate(admin, pipeline.id)).outcome).toBe("ok");
  });

  it("finds no API key of an Organization and no unknown account", async () => {
    const { organization } = await build.organization();
    const foreign = await build.serviceAccount({ role: "ORGANIZATION_OWNER", organizationId: organization.id });
    for (const id of [foreign.id, "nothing"]) {
      expect((await rotate(systemAdmin, id)).outcome).toBe("NOT_FOUND serviceAccountUuid");
      expect(await revoke(systemAdmin, id)).toBe("NOT_FOUND serviceAccountUuid");
    }
    expect((await stored(foreign.id)).keyHash).toBe(foreign.keyHash);
  });

  it("is recorded without the key", async () => {
    const { account, admin, workspaceId } = await inWorkspace();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { key } = await rotate(admin, account.id, { graceMinutes: 5, expiresAt });
    await revoke(admin, account.id);
    const entries = await db.auditEntry.findMany({ where: { entityId: account.id }, orderBy: { sequence: "asc" } });
    const common = { actor: `user:${admin.id}`, entityType: "ServiceAccount", workspaceId };
    const { label } = account;
    expect(entries).toMatchObject([
      { ...common, action: "rotateServiceAccountKey", detail: { label, graceMinutes: 5, expiresAt } },
      { ...common, action: "revokePreviousServiceAccountKey", detail: { label } },
    ]);
    expect(JSON.stringify(entries, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
      key.slice(6),
    );
  });

  it("keeps a subscription with the old key open until its grace time ends", async () => {
    const { deployment } = await build.deployment();
    const account = await build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id });
    const socket = await closing(subscribeLegacy(url, account.token, SUBSCRIBE, { release: deployment.releaseName }));
    await socket.next(ofType("data"));
    expect((await rotate(systemAdmin, account.id)).outcome).toBe("ok");
    await db.deployment.update({ where: { id: deployment.id }, data: { status: "HEALTHY" } });
    expect((await socket.next()).payload.data.deploymentStatus.status).toBe("HEALTHY");
    expect(await revoke(systemAdmin, account.id)).toBe("ok");
    expect((await socket.next(ofType("error"))).payload.extensions.code).toBe("UNAUTHENTICATED");
  });
});

describe("revokePreviousServiceAccountKey", () => {
  it("ends the old key at once, and finds none after that", async () => {
    const { account, admin, editor } = await inWorkspace();
    expect(await revoke(admin, account.id)).toBe("NOT_FOUND serviceAccountUuid");
    const { key } = await rotate(admin, account.id);
    expect(await revoke(editor, account.id)).toBe("ok");
    expect(await accepted(account.token, key)).toEqual([false, true]);
    expect(await revoke(admin, account.id)).toBe("NOT_FOUND serviceAccountUuid");
  });
});

describe("both keys of an account", () => {
  it("end when it is deleted or deactivated", async () => {
    const { account, admin } = await inWorkspace();
    const { key } = await rotate(admin, account.id);
    await db.serviceAccount.update({ where: { id: account.id }, data: { active: false } });
    expect(await accepted(account.token, key)).toEqual([false, false]);
    await db.serviceAccount.update({ where: { id: account.id }, data: { active: true } });
    expect(await accepted(account.token, key)).toEqual([true, true]);
    const DELETE = `mutation ($id: Uuid!) { deleteServiceAccount(serviceAccountUuid: $id) { id } }`;
    expect(outcomeOf(await as(admin).send(DELETE, { id: account.id }))).toBe("ok");
    expect(await accepted(account.token, key)).toEqual([false, false]);
  });

  it("leave nothing of the old one behind when its time is over", async () => {
    const { account, admin } = await inWorkspace();
    await rotate(admin, account.id);
    const query = (text: string) => app.services.pool.query(text);
    await purgeTasks.purgeKeys?.({}, { query } as never);
    expect((await stored(account.id)).previousKeyHash).toBe(account.keyHash);
    await db.serviceAccount.update({
      where: { id: account.id },
      data: { previousKeyExpiresAt: new Date(Date.now() - 1) },
    });
    await purgeTasks.purgeKeys?.({}, { query } as never);
    const none = { previousKeyHash: null, previousKeyStart: null, previousKeyExpiresAt: null };
    expect(await stored(account.id)).toMatchObject({ ...none, previousKeyLastUsedAt: null });
  });
});

describe("rotation by configuration", async () => {
  const { as, build } = await testHouston({ serviceAccounts: { graceMinutes: 60, maxGraceMinutes: 30 } });

  it("never has a longer grace time than allowed", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const { data } = await as(account).send(ROTATE, { id: account.id });
    expect(Math.abs(minutesFrom(data.result.previousKeyExpiresAt) - 30)).toBeLessThan(1);
  });
});
