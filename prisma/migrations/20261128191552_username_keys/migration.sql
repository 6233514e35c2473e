-- AlterTable
ALTER TABLE "User" ADD COLUMN     "usernameKey" TEXT;

-- The oldest of several users with the same key gets it; the others keep their usernames without one. A key that no new
-- username can have is cut off, because an index entry has a limit. ASCII does not depend on the locale of the database.
UPDATE "User" u SET "usernameKey" = first.key FROM (
  SELECT DISTINCT ON (keyed.key) keyed.id, keyed.key FROM (
    SELECT id, "createdAt", left(CASE WHEN octet_length(username) = char_length(username)
      THEN upper(username COLLATE "C") ELSE upper(normalize(username, NFKC)) COLLATE "C" END, 600) AS key
    FROM "User"
  ) keyed ORDER BY keyed.key, keyed."createdAt", keyed.id
) first WHERE u.id = first.id;

-- CreateIndex
CREATE UNIQUE INDEX "User_usernameKey_key" ON "User"("usernameKey");
