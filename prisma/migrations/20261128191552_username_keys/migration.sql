-- AlterTable
ALTER TABLE "User" ADD COLUMN     "usernameKey" TEXT;

-- The oldest of several users with the same key gets it; the others keep their usernames without one. A key that no new
-- username can have is cut off, because an index entry has a limit. The collation of ICU changes the case as JavaScript
-- does (ß to SS), whatever the locale of the database; a PostgreSQL built without ICU uses that locale.
DO $$
DECLARE
  locale text := coalesce((SELECT 'und-x-icu' FROM pg_collation
    WHERE collname = 'und-x-icu' AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding())) LIMIT 1), 'default');
BEGIN
  EXECUTE format($sql$
    UPDATE "User" u SET "usernameKey" = first.key FROM (
      SELECT DISTINCT ON (keyed.key) keyed.id, keyed.key FROM (
        SELECT id, "createdAt",
          left(normalize(upper(normalize(username, NFKC) COLLATE %I), NFKC), 600) COLLATE "C" AS key
        FROM "User"
      ) keyed ORDER BY keyed.key, keyed."createdAt", keyed.id
    ) first WHERE u.id = first.id
  $sql$, locale);
END $$;

-- CreateIndex
CREATE UNIQUE INDEX "User_usernameKey_key" ON "User"("usernameKey");
