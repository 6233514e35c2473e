import type { PrismaClient } from "../../src/generated/prisma/client.ts";

/** The audit log itself, rows that count others or attempts, and what is generated at the start. */
const EXCEPT = [
  "AuditEntry",
  "AuditSeal",
  "AuditChain",
  "RowCount",
  "AttemptCount",
  "EncryptionKey",
  "_prisma_migrations",
  "audit_test",
];

/** Watches a database with triggers: which transactions changed rows of which tables, and whether they wrote an entry. */
export async function watchChanges(db: PrismaClient) {
  const run = (sql: string) => db.$executeRawUnsafe(sql);
  await run(`CREATE TABLE audit_test (xid xid8, changed text)`);
  await run(`CREATE TABLE audit_test_encrypted (place text)`);
  await run(`CREATE TABLE audit_test_failing (failing boolean)`);
  await run(`INSERT INTO audit_test_failing VALUES (false)`);
  await run(`CREATE FUNCTION audit_test_note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND TG_TABLE_NAME IN ('ServiceAccount', 'Session')
        AND to_jsonb(OLD) - 'lastUsedAt' = to_jsonb(NEW) - 'lastUsedAt' THEN RETURN NULL; END IF;
      INSERT INTO audit_test VALUES (pg_current_xact_id(), TG_TABLE_NAME);
      INSERT INTO audit_test_encrypted SELECT TG_TABLE_NAME || '.' || key FROM jsonb_each(to_jsonb(NEW))
        WHERE value::text ~ '"v1[.][A-Za-z0-9_-]{38,}"';
      RETURN NULL;
    END $$`);
  await run(`CREATE FUNCTION audit_test_fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT failing FROM audit_test_failing) THEN RAISE EXCEPTION 'no room for audit entries'; END IF;
      RETURN NEW;
    END $$`);
  await run(`CREATE TRIGGER audit_test BEFORE INSERT ON "AuditEntry" FOR EACH ROW EXECUTE FUNCTION audit_test_fail()`);
  const tables = await db.$queryRawUnsafe<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  for (const { name } of tables.filter((table) => !EXCEPT.includes(table.name) && !table.name.startsWith("audit_test")))
    await run(`CREATE TRIGGER audit_test AFTER INSERT OR UPDATE OR DELETE ON "${name}" FOR EACH ROW
      EXECUTE FUNCTION audit_test_note()`);

  return {
    /** Forgets what was changed so far. */
    forget: () => run(`DELETE FROM audit_test`),
    /** Tables with changes. */
    changed: async () =>
      (await db.$queryRawUnsafe<{ changed: string }[]>(`SELECT DISTINCT changed FROM audit_test ORDER BY 1`)).map(
        (row) => row.changed,
      ),
    /** Columns that have ever got an encrypted value: "Connection.details". */
    encrypted: async () =>
      (await db.$queryRawUnsafe<{ place: string }[]>(`SELECT DISTINCT place FROM audit_test_encrypted ORDER BY 1`)).map(
        (row) => row.place,
      ),
    /** Tables that a transaction without an entry changed. */
    changedInSecret: async () =>
      (
        await db.$queryRawUnsafe<{ changed: string }[]>(`SELECT DISTINCT changed FROM audit_test c
          WHERE NOT EXISTS (SELECT 1 FROM "AuditEntry" e
            WHERE e.outcome = 'DONE' AND e.xmin::text::bigint = c.xid::text::bigint % 4294967296)`)
      ).map((row) => row.changed),
    /** Runs something while no audit entry can be written. */
    async whileFailing<T>(work: () => Promise<T>): Promise<T> {
      await run(`UPDATE audit_test_failing SET failing = true`);
      try {
        return await work();
      } finally {
        await run(`UPDATE audit_test_failing SET failing = false`);
      }
    },
  };
}
