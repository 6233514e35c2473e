import { randomBytes, X509Certificate } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { fromJob } from "../../src/platform/audit/origin.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { createAuthority, createTokenKey, newSerialNumber } from "../../src/platform/signing/certificate.ts";
import { createSigningKeys } from "../../src/platform/signing/signingKeys.ts";
import { jobDatabase } from "../jobs/jobDatabase.ts";

const { pool, close } = await jobDatabase();
afterAll(close);
const secrets = secretBox([randomBytes(32).toString("hex")]);

const author = { caller: { kind: "job", id: "test" }, requestId: "test", origin: fromJob } as const;

const DAY = 86_400_000;
const start = Date.parse("2026-11-29T00:00:00Z");

/** The keys as a replica sees them on a day. */
const onDay = (day: number) => createSigningKeys({ pool, secrets, now: () => new Date(start + day * DAY) });
const publishedOn = async (day: number) => (await onDay(day).published()).map(({ kid }) => kid);
const currentOn = async (day: number) => (await onDay(day).current()).kid;

describe("signing keys", () => {
  it("are created once by ten replicas, and stored encrypted", async () => {
    const kids = await Promise.all(Array.from({ length: 10 }, () => currentOn(0)));
    expect(new Set(kids).size).toBe(1);
    const { rows } = await pool.query('SELECT "isAuthority", "privateKeyEncrypted" FROM "SigningKey"');
    expect(rows.map(({ isAuthority }) => isAuthority).toSorted()).toEqual([false, true]);
    expect(JSON.stringify(rows)).not.toContain("PRIVATE KEY");
  });

  it("rotate with overlap: published a day before it signs, and two days after it was replaced", async () => {
    const first = await currentOn(0);
    expect(await onDay(89).rotate(author, { afterDays: 90 })).toEqual({ created: [], removed: [] });
    const { created } = await onDay(90).rotate(author, { afterDays: 90 });
    const [second = ""] = created;
    expect(await publishedOn(90)).toEqual([second, first]);
    expect([await currentOn(90.9), await currentOn(91)]).toEqual([first, second]);
    expect(await onDay(90.5).rotate(author, { afterDays: 90 })).toEqual({ created: [], removed: [] });
    expect(await onDay(92.9).rotate(author, { afterDays: 90 })).toEqual({ created: [], removed: [] });
    expect(await onDay(93).rotate(author, { afterDays: 90 })).toEqual({ created: [], removed: [first] });
    expect(await publishedOn(93)).toEqual([second]);
  });

  it("are replaced at once when somebody may have stolen one, under the same authority", async () => {
    const authority = await onDay(100).authority();
    const before = await currentOn(100);
    const { created, removed } = await onDay(100).rotate(author, { afterDays: 90, atOnce: true });
    expect(removed).toEqual([before]);
    expect([await currentOn(100), await publishedOn(100)]).toEqual([created[0], created]);
    expect(await onDay(100).authority()).toBe(authority);
  });

  it("S8: do not rotate when the audit entry cannot be written", async () => {
    const before = await publishedOn(100);
    await pool.query('ALTER TABLE "AuditEntry" RENAME TO "Gone"');
    await expect(onDay(100).rotate(author, { afterDays: 90, atOnce: true })).rejects.toThrow("AuditEntry");
    await pool.query('ALTER TABLE "Gone" RENAME TO "AuditEntry"');
    expect(await publishedOn(100)).toEqual(before);
  });

  it("S2: are refused when they were moved to another row", async () => {
    const { rows } = await pool.query('SELECT id, "privateKeyEncrypted" AS sealed FROM "SigningKey"');
    const [one, other] = rows;
    await pool.query('UPDATE "SigningKey" SET "privateKeyEncrypted" = $1 WHERE id = $2', [one.sealed, other.id]);
    await expect(currentOn(100)).rejects.toThrow(/No key in encryption.keys/);
    await pool.query('UPDATE "SigningKey" SET "privateKeyEncrypted" = $1 WHERE id = $2', [other.sealed, other.id]);
  });
});

describe("certificates", () => {
  it("chain to the authority, which alone may sign others", async () => {
    const authority = await createAuthority(new Date());
    const key = await createTokenKey(new Date(), authority);
    const [root, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(key.certificate)];
    expect([root.ca, leaf.ca]).toEqual([true, false]);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect(Date.parse(leaf.validTo) - Date.now()).toBeGreaterThan(4 * 365 * DAY);
  });

  it("have serial numbers that need no other form in DER", () => {
    for (let n = 0; n < 20_000; n++) expect(newSerialNumber()).toMatch(/^[4-7][0-9a-f]{31}$/);
  });
});
