import { describe, expect, it } from "vitest";
import { keyPattern } from "../../src/access/apiKey.ts";
import { createAlpha } from "../support/alpha.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";

const { url, build, db, config } = await testHouston();
const alpha = createAlpha(url);
const { organization, owner, member, outsider } = await build.organization();
const elsewhere = await build.organization();

const ROTATE = `mutation ($id: String!, $graceMinutes: Int, $expiresAt: DateTime) {
  result: rotateApiKey(apiKeyId: $id, graceMinutes: $graceMinutes, expiresAt: $expiresAt) { success message id token code }
}`;
const REVOKE = `mutation ($id: String!) { result: revokePreviousApiKey(apiKeyId: $id) { success message id token code } }`;
const LIST = `query ($id: String) {
  apiKeys(apiKeyId: $id) { expiresAt keyStart previousKeyStart previousKeyExpiresAt previousKeyLastUsedAt createdBy }
}`;
const here = { organization: organization.id };
const rotate = async (someone: Someone, id: string, variables: object = {}) =>
  (await alpha(someone, here).send(ROTATE, { id, ...variables })).data.result;
const revoke = async (someone: Someone, id: string) => (await alpha(someone, here).send(REVOKE, { id })).data.result;
const accepted = (...keys: string[]) =>
  Promise.all(
    keys.map(async (token) => (await alpha({ token }).send("{ organizations { id } }")).errors === undefined),
  );
const keyOf = (role: "ORGANIZATION_OWNER" | "ORGANIZATION_ROUTER", organizationId = organization.id) =>
  build.serviceAccount({ role, organizationId });

describe("rotateApiKey", () => {
  it("issues a new key and keeps the old one for the grace time", async () => {
    const key = await keyOf("ORGANIZATION_ROUTER");
    const { token, ...result } = await rotate(owner, key.id);
    const message = "API key rotated; this is the only time the new key is shown";
    expect(result).toEqual({ success: true, message, id: key.id, code: null });
    expect(token).toMatch(keyPattern);
    expect(await accepted(key.token, token)).toEqual([true, true]);
    const { data } = await alpha(owner, here).send(LIST, { id: key.id });
    const [{ previousKeyExpiresAt, ...row }] = data.apiKeys;
    expect(row).toEqual({
      ...{ expiresAt: null, keyStart: token.slice(0, 6), previousKeyStart: key.keyStart, previousKeyLastUsedAt: null },
      createdBy: `user:${owner.id}`,
    });
    const grace = Date.parse(previousKeyExpiresAt) - Date.now();
    expect(Math.abs(grace / 60_000 - config.serviceAccounts.graceMinutes)).toBeLessThan(1);
    const entry = await db.auditEntry.findFirstOrThrow({ where: { entityId: key.id } });
    expect(entry).toMatchObject({
      ...{ action: "rotateApiKey", actor: `user:${owner.id}` },
      detail: { organizationId: organization.id, name: key.label, graceMinutes: 1_440 },
    });
    expect(await rotate(owner, key.id, { graceMinutes: 0 })).toMatchObject({ success: true });
    expect(await accepted(key.token, token)).toEqual([false, false]);
  });

  it("lets a key of an Owner rotate itself", async () => {
    const key = await keyOf("ORGANIZATION_OWNER");
    const { token } = await rotate(key, key.id, { graceMinutes: 0 });
    expect(await accepted(key.token, token)).toEqual([false, true]);
  });

  it("is denied to Users, keys of other roles, outsiders and without a credential", async () => {
    const key = await keyOf("ORGANIZATION_ROUTER");
    for (const someone of [member, outsider, elsewhere.owner, key])
      for (const send of [rotate, revoke]) expect(await send(someone, key.id)).toMatchObject({ code: "FORBIDDEN" });
    for (const send of [rotate, revoke])
      expect(await send(undefined, key.id)).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await accepted(key.token)).toEqual([true]);
  });

  it("finds no key of another Organization, of the system, or with an unknown ID", async () => {
    const foreign = await keyOf("ORGANIZATION_ROUTER", elsewhere.organization.id);
    const system = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const message = "apiKeyId: unknown API key in this Organization";
    for (const id of [foreign.id, system.id, "nothing"])
      for (const send of [rotate, revoke])
        expect(await send(owner, id)).toMatchObject({ success: false, code: "NOT_FOUND", message });
    expect(await accepted(foreign.token, system.token)).toEqual([true, true]);
  });

  it("rejects a grace time or an expiry that is not allowed", async () => {
    const key = await keyOf("ORGANIZATION_ROUTER");
    const rejected = (message: string) => ({ success: false, message, code: "BAD_USER_INPUT", token: null });
    expect(await rotate(owner, key.id, { graceMinutes: 10_081 })).toMatchObject(
      rejected("graceMinutes: must be at most 10080 (serviceAccounts.maxGraceMinutes)"),
    );
    expect(await rotate(owner, key.id, { expiresAt: "2020-01-01T00:00:00Z" })).toMatchObject(
      rejected("expiresAt: must be in the future"),
    );
  });
});

describe("revokePreviousApiKey", () => {
  it("ends the old key at once, and finds none after that", async () => {
    const key = await keyOf("ORGANIZATION_ROUTER");
    const { token } = await rotate(owner, key.id);
    expect(await revoke(owner, key.id)).toEqual({
      ...{ success: true, message: "Previous key revoked", id: key.id, token: null, code: null },
    });
    expect(await accepted(key.token, token)).toEqual([false, true]);
    const message = "apiKeyId: it has no previous key that is still valid";
    expect(await revoke(owner, key.id)).toMatchObject({ success: false, message, code: "NOT_FOUND" });
  });
});
