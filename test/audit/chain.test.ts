import { spawnSync } from "node:child_process";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { sealEntries } from "../../src/platform/audit/sealEntries.ts";
import { verifyChain } from "../../src/platform/audit/verifyChain.ts";
import { testHouston } from "../support/houston.ts";

// Seals only when a test says so: the process would otherwise do it in between.
const { app, database, db, as, build } = await testHouston({ audit: { sealInterval: 3_600_000 } });
const { pool } = app.services;
const own = new pg.Client({ connectionString: database.url });
await own.connect();
afterAll(() => own.end());

const verify = (head?: Parameters<typeof verifyChain>[1]) => verifyChain(own, head);
const run = (sql: string) => db.$executeRawUnsafe(sql);
const entry = (n: number, data: object = {}) => ({
  ...{ action: "test", actor: "user:one", entityType: "Platform", entityId: `e${n}`, detail: { n } },
  ...data,
});
const add = (count: number) => db.auditEntry.createMany({ data: Array.from({ length: count }, (_, n) => entry(n)) });
/** The ID of the entry at a position. */
const at = async (position: number) => (await db.auditSeal.findUniqueOrThrow({ where: { position } })).entryId;

const EMPTY = `UPDATE "AuditChain" SET position = 0, hash = decode(repeat('00', 32), 'hex'), "anchorPosition" = 0,
  "anchorHash" = decode(repeat('00', 32), 'hex'), gaps = '[]',
  sequence = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "AuditEntry_sequence_seq")`;
async function empty() {
  for (const sql of [`DELETE FROM "AuditEntry"`, `DELETE FROM "AuditSeal"`, EMPTY]) await run(sql);
}

beforeEach(async () => {
  await empty();
  await add(5);
  expect(await sealEntries(pool)).toBe(5);
});

/** Seals until no number is looked for any more. That waits for transactions of other tests, too. */
async function sealWithoutGaps(): Promise<void> {
  const gaps = async () => {
    await sealEntries(pool, { patience: 0 });
    return (await db.auditChain.findFirstOrThrow()).gaps;
  };
  await expect.poll(gaps, { timeout: 20_000 }).toEqual([]);
}

describe("the hash chain", () => {
  it("is intact, and tells how many entries are not sealed yet", async () => {
    await add(2);
    expect(await verify()).toMatchObject({ first: 1n, verified: 5, removed: 0, unsealed: 2, head: { position: 5n } });
    expect(await sealEntries(pool)).toBe(2);
    expect(await sealEntries(pool)).toBe(0);
    const found = await verify();
    expect(found).toMatchObject({ verified: 7, unsealed: 0, head: { position: 7n } });
    expect(found).not.toHaveProperty("broken");
  });

  it.each([
    ["who", `actor = 'user:two'`],
    ["what", `action = 'other'`],
    ["on what", `"entityId" = 'other'`],
    ["from where", `address = '10.0.0.1'`],
    ["when, by a microsecond", `"createdAt" = "createdAt" + interval '1 ms'`],
    ["the outcome", `outcome = 'DENIED'`],
    ["how often", `count = 2`],
    ["a detail", `detail = jsonb_set(detail, '{n}', '12345678901234567891')`],
    ["the Workspace", `"workspaceId" = 'w'`],
    ["the order", `sequence = sequence + 1000`],
  ])("breaks where an entry was changed: %s", async (_, change) => {
    await run(`UPDATE "AuditEntry" SET ${change} WHERE id = '${await at(3)}'`);
    const { verified, broken } = await verify();
    expect(broken).toMatchObject({ position: 3n, reason: expect.stringMatching(/was changed$/) });
    expect(verified).toBe(2);
  });

  it("tells details apart that JavaScript cannot", async () => {
    await run(`UPDATE "AuditEntry" SET detail = '{"n": 12345678901234567890}'`);
    await run(`DELETE FROM "AuditSeal"`);
    await run(EMPTY.replace(/sequence = .*/, "sequence = 0"));
    await sealEntries(pool);
    await run(`UPDATE "AuditEntry" SET detail = '{"n": 12345678901234567891}' WHERE id = '${await at(2)}'`);
    expect((await verify()).broken).toMatchObject({ position: 2n });
  });

  it("breaks where an entry was removed", async () => {
    await run(`DELETE FROM "AuditEntry" WHERE id = '${await at(4)}'`);
    expect(await verify()).toMatchObject({
      ...{ verified: 3, broken: { position: 4n, reason: expect.stringMatching(/^the entry .* was removed$/) } },
    });
  });

  it.each([1, 3, 5])("breaks where an entry was removed with its seal: position %i", async (position) => {
    await run(`DELETE FROM "AuditEntry" WHERE id = '${await at(position)}'`);
    await run(`DELETE FROM "AuditSeal" WHERE position = ${position}`);
    expect((await verify()).broken).toEqual({ position: BigInt(position), reason: "its seal was removed" });
  });

  it("breaks where an entry was inserted behind it", async () => {
    await empty();
    await add(2);
    await run(`SELECT nextval('"AuditEntry_sequence_seq"')`);
    await add(2);
    await sealEntries(pool);
    await sealWithoutGaps();
    const second = await db.auditEntry.findUniqueOrThrow({ where: { id: await at(2) }, select: { sequence: true } });
    await db.auditEntry.create({ data: entry(9, { id: "forged", sequence: second.sequence + 1n }) });
    expect((await verify()).broken).toEqual({ position: 3n, reason: "the entry forged was inserted before it" });
  });

  it("breaks where two entries changed places", async () => {
    const [second, third] = [await at(2), await at(3)];
    await run(`UPDATE "AuditSeal" SET "entryId" = '${third}' WHERE position = 2`);
    await run(`UPDATE "AuditSeal" SET "entryId" = '${second}' WHERE position = 3`);
    expect((await verify()).broken).toMatchObject({ position: 2n });
    await run(`UPDATE "AuditSeal" s SET content = (SELECT content FROM "AuditSeal" o WHERE o.position = 5 - s.position)
      WHERE position IN (2, 3)`);
    expect((await verify()).broken).toMatchObject({ position: 2n });
  });

  it.each([
    ["content", "content = hash"],
    ["hash", "hash = content"],
  ])("breaks where a seal was changed: %s", async (_, change) => {
    await run(`UPDATE "AuditSeal" SET ${change} WHERE position = 2`);
    expect((await verify()).broken).toMatchObject({ position: 2n });
  });

  it("breaks at its end if that was cut off with the row of the chain, for whoever kept an earlier head", async () => {
    const { head } = await verify();
    await add(1);
    await sealEntries(pool);
    expect(await verify(head)).not.toHaveProperty("broken");
    await run(`DELETE FROM "AuditEntry" WHERE id IN ('${await at(6)}', '${await at(5)}')`);
    await run(`DELETE FROM "AuditSeal" WHERE position > 4`);
    await run(`UPDATE "AuditChain" SET position = 4, hash = (SELECT hash FROM "AuditSeal" WHERE position = 4)`);
    expect(await verify()).not.toHaveProperty("broken");
    expect((await verify(head)).broken).toEqual({
      ...{ position: 5n, reason: "the chain ends before the expected position" },
    });
  });
});

describe("sealing", () => {
  it("misses no entry whose transaction commits after later ones, and keeps looking for it", async () => {
    await own.query("BEGIN");
    await own.query(`INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId")
      VALUES ('late', 'test', 'user:late', 'Platform', '1')`);
    await add(2);
    expect(await sealEntries(pool, { patience: 0 })).toBe(2);
    expect(await sealEntries(pool, { patience: 0 })).toBe(0);
    await own.query("COMMIT");
    expect(await sealEntries(pool, { patience: 0 })).toBe(1);
    expect(await at(8)).toBe("late");
    expect(await verify()).toMatchObject({ verified: 8, unsealed: 0 });
  });

  it("stops looking for numbers of transactions that were rolled back", async () => {
    await own.query("BEGIN");
    await own.query(`INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId")
      VALUES ('rolled-back', 'test', 'user:late', 'Platform', '1')`);
    await own.query("ROLLBACK");
    await add(1);
    await sealEntries(pool);
    expect((await db.auditChain.findFirstOrThrow()).gaps).toHaveLength(1);
    await sealWithoutGaps();
    expect(await verify()).toMatchObject({ verified: 6, unsealed: 0 });
  });

  it("does nothing while another process seals", async () => {
    await add(1);
    await own.query("BEGIN");
    await own.query(`SELECT 1 FROM "AuditChain" FOR UPDATE`);
    expect(await sealEntries(pool)).toBe(0);
    await own.query("ROLLBACK");
    expect(await sealEntries(pool)).toBe(1);
  });

  it("seals every entry once, whoever writes, commits late, rolls back or seals at the same time", async () => {
    const step = fc.record({
      entries: fc.integer({ min: 1, max: 3 }),
      pause: fc.integer({ min: 0, max: 8 }),
      rollback: fc.boolean(),
      seals: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        await empty();
        let committed = 0;
        await Promise.all(
          steps.map(async ({ entries, pause, rollback, seals }, n) => {
            const client = await pool.connect();
            try {
              await client.query("BEGIN");
              for (let m = 0; m < entries; m++) {
                await client.query(`INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId")
                  VALUES (md5(random()::text), 'test', 'user:${n}', 'Platform', '${m}')`);
                await new Promise((resolve) => setTimeout(resolve, pause));
              }
              await client.query(rollback ? "ROLLBACK" : "COMMIT");
              if (!rollback) committed += entries;
            } finally {
              client.release();
            }
            // Patience is for the moment between drawing a number and becoming a running transaction.
            if (seals) await sealEntries(pool, { patience: 2_000 });
          }),
        );
        await sealEntries(pool, { patience: 0 });
        const found = await verify();
        expect(found).not.toHaveProperty("broken");
        expect(found).toMatchObject({ verified: committed, unsealed: 0 });
      }),
      { numRuns: 30 },
    );
  }, 120_000);

  it("makes no writer wait", async () => {
    await add(1);
    const admin = await build.systemAdmin();
    const sealer = await pool.connect();
    await sealer.query("BEGIN");
    await sealer.query(`SELECT 1 FROM "AuditChain" FOR UPDATE`);
    const { errors } = await as(admin).send(`mutation { createWorkspace(label: "Not waiting") { id } }`);
    await sealer.query("ROLLBACK");
    sealer.release();
    expect(errors).toBeUndefined();
  });
});

describe("audit verify", () => {
  const verifyAudit = (...args: string[]) =>
    spawnSync(process.execPath, ["src/main.ts", "audit", "verify", ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, LOGGING__LEVEL: "fatal" },
    });

  it("prints what it verified and exits with code 0, or with code 1 and the first position that is not intact", async () => {
    await add(1);
    const first = verifyAudit();
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(
      /^Verified: 5 sealed entries from position 1\nNot sealed yet: 1\nHead: 5:[0-9a-f]{64}\nThe chain is intact\n$/,
    );
    const [head = ""] = /5:[0-9a-f]{64}/.exec(first.stdout) ?? [];
    expect(verifyAudit("--head", head).status).toBe(0);
    expect(verifyAudit("--head", `5:${"0".repeat(64)}`)).toMatchObject({ status: 1 });
    await run(`UPDATE "AuditEntry" SET actor = 'user:two' WHERE id = '${await at(2)}'`);
    const second = verifyAudit();
    expect(second.status).toBe(1);
    expect(second.stdout).toContain("Broken at position 2: ");
  });
});
