-- DropIndex
DROP INDEX "DeployRevision_deploymentId_createdAt_idx";

-- CreateIndex
CREATE INDEX "DeployRevision_deploymentId_createdAt_id_idx" ON "DeployRevision"("deploymentId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "DeployRevision_createdAt_id_idx" ON "DeployRevision"("createdAt", "id");

-- By hand from here: rules that schema.prisma cannot say.

-- Responses contain the IDs of deploys without JSON escapes.
ALTER TABLE "DeployRevision" ADD CONSTRAINT "DeployRevision_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');

-- The cleanup jobs find expired rows without reading the others.
CREATE INDEX "Deployment_deletedAt_idx" ON "Deployment" ("deletedAt", "id") WHERE "deletedAt" IS NOT NULL;
CREATE INDEX "AuditEntry_cluster_createdAt_idx" ON "AuditEntry" ("createdAt", "id") WHERE "entityType" = 'Cluster';

-- Jobs that no worker has ever taken. A new database has no job tables yet.
DO $$ BEGIN
  IF to_regclass('graphile_worker.jobs') IS NOT NULL THEN
    PERFORM graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs
      WHERE task_identifier = 'deploymentChanged' AND locked_at IS NULL;
  END IF;
END $$;
