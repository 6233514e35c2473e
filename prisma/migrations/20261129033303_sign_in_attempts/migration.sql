-- AlterTable
ALTER TABLE "Platform" ADD COLUMN     "setupTokenEncrypted" TEXT;

-- CreateTable
CREATE TABLE "AttemptCount" (
    "id" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "windowEndsAt" TIMESTAMP(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "locks" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" TIMESTAMP(3),
    "forgetAt" TIMESTAMP(3),
    "knownUntil" TIMESTAMP(3),
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "AttemptCount_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AttemptCount_expiresAt_idx" ON "AttemptCount"("expiresAt");

-- PlainIds
ALTER TABLE "AttemptCount" ADD CONSTRAINT "AttemptCount_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
