import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const houston = await testHouston({ audit: { sealInterval: 50 } });

it("a running Houston seals entries every `audit.sealInterval` milliseconds, and goes on after a failure", async () => {
  const { db, as, build } = houston;
  const admin = await build.systemAdmin();
  const create = (label: string) => as(admin).send(`mutation { createWorkspace(label: "${label}") { id } }`);
  await create("Sealed");
  await expect.poll(() => db.auditSeal.count()).toBe(1);
  await db.$executeRaw`ALTER TABLE "AuditSeal" RENAME TO "AuditSealGone"`;
  await create("Later");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await db.$executeRaw`ALTER TABLE "AuditSealGone" RENAME TO "AuditSeal"`;
  await expect.poll(() => db.auditSeal.count()).toBe(2);
});
