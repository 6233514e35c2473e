import type { PrismaClient } from "../../src/generated/prisma/client.ts";

/** Locks these tables until `release` is called. */
export async function lockTables(houston: { db: PrismaClient }, ...tables: string[]) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: holding } = Promise.withResolvers<void>();
  const done = houston.db.$transaction(
    async (tx) => {
      for (const table of tables) await tx.$executeRawUnsafe(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
      holding();
      await released;
    },
    { timeout: 60_000 },
  );
  await Promise.race([held, done]);
  return async () => {
    release();
    await done;
  };
}
