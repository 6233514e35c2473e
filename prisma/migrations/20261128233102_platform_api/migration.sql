-- AlterTable
ALTER TABLE "Cluster" ADD COLUMN     "cloudProvider" TEXT NOT NULL DEFAULT 'AWS',
ADD COLUMN     "createdBy" TEXT,
ADD COLUMN     "organizationId" TEXT NOT NULL DEFAULT 'clorgdefault0000000000000',
ADD COLUMN     "platformApi" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "updatedBy" TEXT;

-- AlterTable
ALTER TABLE "Deployment" ADD COLUMN     "createdBy" TEXT,
ADD COLUMN     "organizationId" TEXT NOT NULL DEFAULT 'clorgdefault0000000000000',
ADD COLUMN     "platformApi" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "updatedBy" TEXT;

-- AlterTable
ALTER TABLE "Workspace" ADD COLUMN     "cicdEnforcedDefault" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "createdBy" TEXT,
ADD COLUMN     "organizationId" TEXT NOT NULL DEFAULT 'clorgdefault0000000000000',
ADD COLUMN     "updatedBy" TEXT;

-- CreateTable
CREATE TABLE "Organization" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "billingEmail" TEXT NOT NULL DEFAULT '',
    "isScimEnabled" BOOLEAN NOT NULL DEFAULT false,
    "product" TEXT NOT NULL DEFAULT 'HOSTED',
    "supportPlan" TEXT NOT NULL DEFAULT 'BASIC',
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "paymentMethod" TEXT,
    "trialExpiresAt" TIMESTAMP(3),
    "allowEnhancedSupportAccess" BOOLEAN NOT NULL DEFAULT false,
    "shouldEnforceDedicatedClusters" BOOLEAN NOT NULL DEFAULT false,
    "createdBy" TEXT,
    "updatedBy" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NodePool" (
    "id" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nodeInstanceType" TEXT NOT NULL,
    "maxNodeCount" INTEGER NOT NULL,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "NodePool_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WorkerQueue" (
    "id" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "astroMachine" TEXT,
    "nodePoolId" TEXT,
    "minWorkerCount" INTEGER NOT NULL,
    "maxWorkerCount" INTEGER NOT NULL,
    "workerConcurrency" INTEGER NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "WorkerQueue_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Organization_name_key" ON "Organization"("name");

-- CreateIndex
CREATE INDEX "Organization_createdAt_id_idx" ON "Organization"("createdAt", "id");

-- CreateIndex
CREATE INDEX "Organization_updatedAt_id_idx" ON "Organization"("updatedAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "NodePool_clusterId_name_key" ON "NodePool"("clusterId", "name");

-- CreateIndex
CREATE INDEX "WorkerQueue_nodePoolId_idx" ON "WorkerQueue"("nodePoolId");

-- CreateIndex
CREATE UNIQUE INDEX "WorkerQueue_deploymentId_name_key" ON "WorkerQueue"("deploymentId", "name");

-- CreateIndex
CREATE INDEX "Cluster_organizationId_createdAt_id_idx" ON "Cluster"("organizationId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Cluster_organizationId_updatedAt_id_idx" ON "Cluster"("organizationId", "updatedAt", "id");

-- CreateIndex
CREATE INDEX "Cluster_organizationId_name_id_idx" ON "Cluster"("organizationId", "name", "id");

-- CreateIndex
CREATE INDEX "Workspace_organizationId_createdAt_id_idx" ON "Workspace"("organizationId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Workspace_organizationId_updatedAt_id_idx" ON "Workspace"("organizationId", "updatedAt", "id");

-- CreateIndex
CREATE INDEX "Workspace_organizationId_label_id_idx" ON "Workspace"("organizationId", "label", "id");

-- By hand: the first Organization owns what there is.
INSERT INTO "Organization" ("id", "name", "updatedAt")
  VALUES ('clorgdefault0000000000000', 'Default', CURRENT_TIMESTAMP AT TIME ZONE 'utc');

-- AddForeignKey
ALTER TABLE "Workspace" ADD CONSTRAINT "Workspace_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NodePool" ADD CONSTRAINT "NodePool_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "Cluster"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkerQueue" ADD CONSTRAINT "WorkerQueue_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- PlainIds
ALTER TABLE "Organization" ADD CONSTRAINT "Organization_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "NodePool" ADD CONSTRAINT "NodePool_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "WorkerQueue" ADD CONSTRAINT "WorkerQueue_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');

-- By hand from here: rules that schema.prisma cannot say.
ALTER TABLE "Organization" ADD CONSTRAINT "Organization_name_length" CHECK (char_length("name") BETWEEN 1 AND 80);
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_platformApi_object" CHECK (jsonb_typeof("platformApi") = 'object');
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_platformApi_object" CHECK (jsonb_typeof("platformApi") = 'object');

-- Names given over the Platform API may be longer than labels given over GraphQL.
ALTER TABLE "Deployment" DROP CONSTRAINT "Deployment_label_length";
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_label_length" CHECK (char_length("label") BETWEEN 1 AND 500);

-- Lists of an Organization's Deployments by each order. "workspaceId" decides who may see a row: with it, rows are counted and
-- skipped in the index alone.
CREATE INDEX "Deployment_organization_createdAt_idx" ON "Deployment" ("organizationId", "createdAt", "id")
  INCLUDE ("workspaceId") WHERE "deletedAt" IS NULL;
CREATE INDEX "Deployment_organization_updatedAt_idx" ON "Deployment" ("organizationId", "updatedAt", "id")
  INCLUDE ("workspaceId") WHERE "deletedAt" IS NULL;
CREATE INDEX "Deployment_organization_label_idx" ON "Deployment" ("organizationId", "label", "id")
  INCLUDE ("workspaceId") WHERE "deletedAt" IS NULL;

-- A Deployment belongs to the Organization of its Workspace, whoever inserts it.
CREATE FUNCTION set_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT w."organizationId" INTO NEW."organizationId" FROM "Workspace" w WHERE w.id = NEW."workspaceId";
  -- Without a Workspace, the foreign key rejects the row.
  NEW."organizationId" := coalesce(NEW."organizationId", '');
  RETURN NEW;
END
$$;
CREATE TRIGGER "Deployment_organization" BEFORE INSERT ON "Deployment"
  FOR EACH ROW EXECUTE FUNCTION set_organization();

-- Who changed a row last, from whichever API: every change writes an audit entry in its transaction.
CREATE FUNCTION note_author() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE NEW."entityType"
    WHEN 'Workspace' THEN
      UPDATE "Workspace" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
    WHEN 'Deployment' THEN
      UPDATE "Deployment" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
    WHEN 'Cluster' THEN
      UPDATE "Cluster" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
    WHEN 'Organization' THEN
      UPDATE "Organization" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
  END CASE;
  RETURN NULL;
END
$$;
CREATE TRIGGER "AuditEntry_author" AFTER INSERT ON "AuditEntry" FOR EACH ROW
  WHEN (NEW."entityType" IN ('Workspace', 'Deployment', 'Cluster', 'Organization') AND NEW.actor ~ '^(user|serviceAccount):')
  EXECUTE FUNCTION note_author();

-- A Workspace with Deployments is not deleted, and neither are they with it: also when one is created while the deletion waits
-- for the row.
CREATE FUNCTION keep_workspace_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "Deployment" d WHERE d."workspaceId" = OLD.id AND d."deletedAt" IS NULL) THEN
    RAISE EXCEPTION 'Workspace % has Deployments', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER "Workspace_in_use" BEFORE DELETE ON "Workspace"
  FOR EACH ROW EXECUTE FUNCTION keep_workspace_in_use();

-- Authors of the rows that exist already, as far as the audit log knows them.
UPDATE "Workspace" r SET "createdBy" = (
    SELECT a.actor FROM "AuditEntry" a WHERE a."entityId" = r.id AND a."entityType" = 'Workspace' AND a.action LIKE 'create%'
    ORDER BY a."createdAt" LIMIT 1),
  "updatedBy" = (
    SELECT a.actor FROM "AuditEntry" a WHERE a."entityId" = r.id AND a."entityType" = 'Workspace'
      AND a.actor ~ '^(user|serviceAccount):' ORDER BY a."createdAt" DESC LIMIT 1);
UPDATE "Cluster" r SET "createdBy" = (
    SELECT a.actor FROM "AuditEntry" a WHERE a."entityId" = r.id AND a."entityType" = 'Cluster' AND a.action LIKE 'register%'
    ORDER BY a."createdAt" LIMIT 1),
  "updatedBy" = (
    SELECT a.actor FROM "AuditEntry" a WHERE a."entityId" = r.id AND a."entityType" = 'Cluster'
      AND a.actor ~ '^(user|serviceAccount):' ORDER BY a."createdAt" DESC LIMIT 1);
UPDATE "Deployment" r SET "createdBy" = (
    SELECT a.actor FROM "AuditEntry" a WHERE a."entityId" = r.id AND a."entityType" = 'Deployment'
      AND (a.action LIKE 'create%' OR a.action LIKE 'upsert%' OR a.action LIKE 'adopt%')
    ORDER BY a."createdAt" LIMIT 1),
  "updatedBy" = (
    SELECT a.actor FROM "AuditEntry" a WHERE a."entityId" = r.id AND a."entityType" = 'Deployment'
      AND a.actor ~ '^(user|serviceAccount):' ORDER BY a."createdAt" DESC LIMIT 1);
