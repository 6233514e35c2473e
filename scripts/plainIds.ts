/** SQL that allows only letters, digits, "_" and "-" in the IDs of a new table: responses contain IDs without JSON escapes. */
export const plainIdCheck = (table: string): string =>
  `ALTER TABLE "${table}" ADD CONSTRAINT "${table}_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');`;

/** A migration with that check for every table it creates whose `id` is text. */
export function withPlainIds(sql: string): string {
  const created = [...sql.matchAll(/^CREATE TABLE "(\w+)" \(\n([\s\S]*?)\n\);/gm)];
  const tables = created.filter(([, , columns = ""]) => /^ *"id" TEXT\b/m.test(columns)).map(([, table = ""]) => table);
  if (tables.length === 0) return sql;
  return `${sql.trimEnd()}\n\n-- PlainIds\n${tables.map(plainIdCheck).join("\n")}\n`;
}
