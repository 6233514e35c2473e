-- AlterTable
ALTER TABLE "ServiceAccount" ADD COLUMN     "expiresAt" TIMESTAMP(3),
ADD COLUMN     "keyCreatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "keyLastUsedAt" TIMESTAMP(3),
ADD COLUMN     "previousKeyExpiresAt" TIMESTAMP(3),
ADD COLUMN     "previousKeyHash" TEXT,
ADD COLUMN     "previousKeyLastUsedAt" TIMESTAMP(3),
ADD COLUMN     "previousKeyStart" TEXT;

-- CreateIndex
CREATE INDEX "ServiceAccount_keyCreatedAt_id_idx" ON "ServiceAccount"("keyCreatedAt", "id");

-- Until now, an account kept its key.
UPDATE "ServiceAccount" SET "keyCreatedAt" = "createdAt", "keyLastUsedAt" = "lastUsedAt";

-- Partial, because few accounts have a second key.
CREATE UNIQUE INDEX "ServiceAccount_previousKeyHash_key" ON "ServiceAccount"("previousKeyHash")
  WHERE "previousKeyHash" IS NOT NULL;
CREATE INDEX "ServiceAccount_previousKeyExpiresAt_idx" ON "ServiceAccount"("previousKeyExpiresAt")
  WHERE "previousKeyExpiresAt" IS NOT NULL;

ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_previous_key"
  CHECK (num_nonnulls("previousKeyHash", "previousKeyStart", "previousKeyExpiresAt") IN (0, 3));

-- A key ends when it is replaced or revoked, and may end earlier than before.
DROP TRIGGER "ServiceAccount_changed" ON "ServiceAccount";
CREATE TRIGGER "ServiceAccount_changed"
  AFTER UPDATE OF "active", "keyHash", "expiresAt", "previousKeyHash", "previousKeyExpiresAt" ON "ServiceAccount"
  FOR EACH ROW WHEN ((OLD."active", OLD."keyHash", OLD."expiresAt", OLD."previousKeyHash", OLD."previousKeyExpiresAt")
    IS DISTINCT FROM (NEW."active", NEW."keyHash", NEW."expiresAt", NEW."previousKeyHash", NEW."previousKeyExpiresAt"))
  EXECUTE FUNCTION notify_rights_lost();
