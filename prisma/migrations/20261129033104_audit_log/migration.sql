-- CreateEnum
CREATE TYPE "AuditOutcome" AS ENUM ('DONE', 'DENIED', 'FAILED');

-- DropIndex
DROP INDEX "AuditEntry_entityId_idx";

-- AlterTable
ALTER TABLE "AuditEntry" ADD COLUMN     "address" TEXT,
ADD COLUMN     "count" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "outcome" "AuditOutcome" NOT NULL DEFAULT 'DONE',
ADD COLUMN     "sequence" BIGSERIAL NOT NULL,
ADD COLUMN     "via" TEXT;

-- CreateTable
CREATE TABLE "AuditSeal" (
    "position" BIGINT NOT NULL,
    "entryId" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "AuditSeal_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "AuditChain" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL DEFAULT 0,
    "hash" BYTEA NOT NULL,
    "anchorPosition" BIGINT NOT NULL DEFAULT 0,
    "anchorHash" BYTEA NOT NULL,
    "sequence" BIGINT NOT NULL DEFAULT 0,
    "gaps" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "AuditChain_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "AuditEntry_sequence_key" ON "AuditEntry"("sequence");

-- CreateIndex
CREATE INDEX "AuditEntry_entityId_createdAt_idx" ON "AuditEntry"("entityId", "createdAt");

-- CreateIndex
CREATE INDEX "AuditEntry_workspaceId_createdAt_idx" ON "AuditEntry"("workspaceId", "createdAt");

-- CreateIndex
CREATE INDEX "AuditEntry_actor_createdAt_idx" ON "AuditEntry"("actor", "createdAt");


ALTER TABLE "AuditEntry" ADD CONSTRAINT "AuditEntry_count" CHECK ("count" > 0);
-- The query auditLog returns IDs without JSON escapes.
ALTER TABLE "AuditEntry" ADD CONSTRAINT "AuditEntry_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');

-- The chain begins with zeros. A second row would be a second chain.
ALTER TABLE "AuditChain" ADD CONSTRAINT "AuditChain_one" CHECK (id = 1);
INSERT INTO "AuditChain" (hash, "anchorHash") VALUES (decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'));

-- Someone who was denied a change is not its author.
DROP TRIGGER "AuditEntry_author" ON "AuditEntry";
CREATE TRIGGER "AuditEntry_author" AFTER INSERT ON "AuditEntry" FOR EACH ROW
  WHEN (NEW.outcome = 'DONE' AND NEW.actor ~ '^(user|serviceAccount):'
    AND NEW."entityType" IN ('Workspace', 'Deployment', 'Cluster', 'Organization', 'Application', 'Connection', 'Integration'))
  EXECUTE FUNCTION note_author();
