// npm run migration <name>                   writes prisma/migrations/<now>_<name>/migration.sql from the changes in
//                                           prisma/schema.prisma, with the check of the IDs of new tables; other rules that
//                                           Prisma cannot express are added by hand
// node scripts/createMigration.ts --check   fails if prisma/schema.prisma and the migrations differ
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { migrate } from "../src/platform/database/migrate.ts";
import { migrationsFolder } from "../src/platform/database/migrations.ts";
import { withTemporaryPostgres } from "../test/support/temporaryPostgres.ts";
import { withPlainIds } from "./plainIds.ts";
import { schemaEngine } from "./schemaEngine.ts";

/** The SQL that migrates from the migrations to `prisma/schema.prisma`; undefined if they match. */
async function difference(): Promise<string | undefined> {
  const log = pino({ level: "warn" });
  return withTemporaryPostgres(log, { durable: false }, async ({ url, folder, stop }) => {
    await migrate(url, log);
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    try {
      const path = "schema.prisma";
      const schema = { path, content: await readFile(new URL(`../prisma/${path}`, import.meta.url), "utf8") };
      const engine = await schemaEngine(pool, [schema]);
      const { exitCode, stdout } = await engine.diff({
        from: { tag: "schemaDatasource", files: [schema], configDir: folder },
        to: { tag: "schemaDatamodel", files: [schema] },
        script: true,
        exitCode: true,
        filters: { externalTables: ["public._prisma_migrations"], externalEnums: [] },
      });
      return exitCode === 0 ? undefined : (stdout ?? "");
    } finally {
      await pool.end();
      await stop();
    }
  });
}

const [name = ""] = process.argv.slice(2);
if (name !== "--check" && !/^\w+$/.test(name)) {
  console.error("usage: createMigration.ts <name in letters, digits and _> | --check");
  process.exit(2);
}
const sql = await difference();
if (name === "--check") {
  if (sql) console.error(`prisma/schema.prisma and prisma/migrations differ by:\n${sql}`);
  process.exitCode = sql ? 1 : 0;
} else if (!sql) {
  console.log("Nothing changed: no migration written");
} else {
  const timestamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = join(migrationsFolder, `${timestamp}_${name}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "migration.sql"), withPlainIds(sql));
  console.log(`Wrote ${folder}/migration.sql`);
}
