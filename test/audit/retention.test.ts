import pg from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fromJob } from "../../src/platform/audit/origin.ts";
import { sealEntries } from "../../src/platform/audit/sealEntries.ts";
import { verifyChain } from "../../src/platform/audit/verifyChain.ts";
import { auditRetention } from "../../src/services/audit/auditRetention.ts";
import { cleanupClusterAudits } from "../../src/services/clusters/cleanupClusterAudits.ts";
import { testHouston } from "../support/houston.ts";

const { app, database, db } = await testHouston();
const { services } = app;
const own = new pg.Client({ connectionString: database.url });
await own.connect();
afterAll(() => own.end());

const author = { caller: { kind: "job", id: "auditRetention" }, requestId: "job:1", origin: fromJob } as const;
const run = (job: typeof auditRetention) => job.run(services, author, AbortSignal.timeout(20_000));
const seal = () => sealEntries(services.pool, { patience: 0 });
const verify = () => verifyChain(own);
const entry = (days: number, entityType = "Platform") => ({
  ...{ action: "test", actor: "user:one", entityType, entityId: `${days}` },
  createdAt: new Date(Date.now() - days * 86_400_000),
});
/** Adds an entry for each age in days, in this order. */
async function add(...days: [number, string?][]) {
  for (const one of days) await db.auditEntry.create({ data: entry(...one) });
  await seal();
}
const ages = async () =>
  (await db.auditEntry.findMany({ where: { action: "test" }, orderBy: { sequence: "asc" } })).map(
    (one) => one.entityId,
  );

beforeEach(async () => {
  await db.auditEntry.deleteMany();
  await db.auditSeal.deleteMany();
  const zeros = Buffer.alloc(32);
  const start = { position: 0, hash: zeros, anchorPosition: 0, anchorHash: zeros, gaps: [] };
  await db.auditChain.updateMany({ data: start });
});

describe("auditRetention", () => {
  it("removes entries older than 400 days and leaves a chain that is intact", async () => {
    await add([500], [401], [399], [1]);
    expect(await run(auditRetention)).toBe(2);
    expect(await ages()).toEqual(["399", "1"]);
    expect(await verify()).toMatchObject({ first: 3n, verified: 2, unsealed: 1 });
    await seal();
    const found = await verify();
    expect(found).toMatchObject({ first: 3n, verified: 3, unsealed: 0, head: { position: 5n } });
    expect(found).not.toHaveProperty("broken");
    expect(await run(auditRetention)).toBe(0);
  });

  it("removes nothing that is not part of the chain yet, and nothing behind an entry that is kept", async () => {
    await add([500], [1], [500]);
    await db.auditEntry.create({ data: entry(600) });
    expect(await run(auditRetention)).toBe(1);
    expect(await ages()).toEqual(["1", "500", "600"]);
    expect(await verify()).not.toHaveProperty("broken");
  });

  it("does not hide that an entry was removed", async () => {
    await add([500], [300], [299]);
    await db.auditEntry.deleteMany({ where: { entityId: "300" } });
    expect(await run(auditRetention)).toBe(1);
    expect((await verify()).broken).toMatchObject({ position: 2n, reason: expect.stringMatching(/was removed$/) });
  });

  it("is the only one that may move the start of the chain", async () => {
    await add([500], [300], [299]);
    const { position, hash, entryId } = await db.auditSeal.findUniqueOrThrow({ where: { position: 2 } });
    await db.auditChain.updateMany({ data: { anchorPosition: position, anchorHash: hash } });
    await db.auditSeal.deleteMany({ where: { position: { lte: 2 } } });
    await db.auditEntry.deleteMany({ where: { OR: [{ id: entryId }, { entityId: "500" }] } });
    expect((await verify()).broken).toEqual({
      position: 3n,
      reason: "the chain begins here, but no entry says that older ones expired",
    });
  });

  it("works in batches until nothing is left, while entries are sealed", async () => {
    const data = Array.from({ length: 2_500 }, () => entry(500));
    await db.auditEntry.createMany({ data });
    await seal();
    const [removed] = await Promise.all([run(auditRetention), seal(), add([1])]);
    expect(removed).toBe(2_500);
    await seal();
    expect(await verify()).toMatchObject({ first: 2_501n, unsealed: 0 });
    expect(await verify()).not.toHaveProperty("broken");
  });
});

describe("cleanupClusterAudits", () => {
  it("records which positions it removed, so that the chain stays intact", async () => {
    await add([99, "Cluster"], [98], [97, "Cluster"], [1, "Cluster"]);
    expect(await run(cleanupClusterAudits)).toBe(2);
    expect(await ages()).toEqual(["98", "1"]);
    await seal();
    const found = await verify();
    expect(found).toMatchObject({ first: 1n, verified: 3, removed: 2, unsealed: 0 });
    expect(found).not.toHaveProperty("broken");
    await db.auditEntry.deleteMany({ where: { action: "cleanupClusterAudits" } });
    expect((await verify()).broken).toMatchObject({ position: 1n });
  });

  it("does not keep the retention from removing the rest", async () => {
    await add([500, "Cluster"], [499], [498, "Cluster"], [1]);
    expect(await run(cleanupClusterAudits)).toBe(2);
    await seal();
    expect(await run(auditRetention)).toBe(3);
    expect(await verify()).toMatchObject({ first: 4n });
    expect(await verify()).not.toHaveProperty("broken");
  });
});
