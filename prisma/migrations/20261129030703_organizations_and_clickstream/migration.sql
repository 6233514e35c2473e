-- AlterEnum
ALTER TYPE "Role" ADD VALUE 'ORGANIZATION_OWNER';
ALTER TYPE "Role" ADD VALUE 'ORGANIZATION_USER';
ALTER TYPE "Role" ADD VALUE 'ORGANIZATION_ROUTER';

-- AlterTable
ALTER TABLE "RoleBinding" ADD COLUMN     "organizationId" TEXT;

-- AlterTable
ALTER TABLE "ServiceAccount" ADD COLUMN     "organizationId" TEXT;

-- CreateTable
CREATE TABLE "Application" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "createdBy" TEXT,
    "updatedBy" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Application_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Connection" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "integrationCode" TEXT NOT NULL,
    "connectionPrototypeId" TEXT NOT NULL,
    "details" TEXT NOT NULL,
    "createdBy" TEXT,
    "updatedBy" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Integration" (
    "id" TEXT NOT NULL,
    "applicationId" TEXT NOT NULL,
    "connectionId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "integrationCode" TEXT NOT NULL,
    "configPayload" JSONB NOT NULL DEFAULT '{}',
    "createdBy" TEXT,
    "updatedBy" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Integration_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Application_organizationId_createdAt_id_idx" ON "Application"("organizationId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Connection_organizationId_createdAt_id_idx" ON "Connection"("organizationId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Integration_applicationId_createdAt_id_idx" ON "Integration"("applicationId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Integration_connectionId_idx" ON "Integration"("connectionId");

-- CreateIndex
CREATE INDEX "RoleBinding_organizationId_role_idx" ON "RoleBinding"("organizationId", "role");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_userId_organizationId_key" ON "RoleBinding"("userId", "organizationId");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_serviceAccountId_organizationId_key" ON "RoleBinding"("serviceAccountId", "organizationId");

-- CreateIndex
CREATE INDEX "ServiceAccount_organizationId_createdAt_idx" ON "ServiceAccount"("organizationId", "createdAt");

-- AddForeignKey
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Application" ADD CONSTRAINT "Application_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Connection" ADD CONSTRAINT "Connection_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Integration" ADD CONSTRAINT "Integration_applicationId_fkey" FOREIGN KEY ("applicationId") REFERENCES "Application"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Integration" ADD CONSTRAINT "Integration_connectionId_fkey" FOREIGN KEY ("connectionId") REFERENCES "Connection"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- PlainIds
ALTER TABLE "Application" ADD CONSTRAINT "Application_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Connection" ADD CONSTRAINT "Connection_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Integration" ADD CONSTRAINT "Integration_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');

-- By hand from here: rules that schema.prisma cannot say.

-- One scope, now also an Organization, and a role that belongs to it. As text, because a transaction that adds values to an
-- enum cannot use them yet.
ALTER TABLE "RoleBinding"
  DROP CONSTRAINT "RoleBinding_one_scope",
  DROP CONSTRAINT "RoleBinding_role_of_scope",
  ADD CONSTRAINT "RoleBinding_one_scope" CHECK (num_nonnulls("organizationId", "workspaceId", "deploymentId") <= 1),
  ADD CONSTRAINT "RoleBinding_role_of_scope" CHECK (
    CASE
      WHEN "organizationId" IS NOT NULL THEN "role"::text IN ('ORGANIZATION_OWNER', 'ORGANIZATION_USER')
        OR "role"::text = 'ORGANIZATION_ROUTER' AND "serviceAccountId" IS NOT NULL
      WHEN "workspaceId" IS NOT NULL THEN "role"::text IN ('WORKSPACE_ADMIN', 'WORKSPACE_EDITOR', 'WORKSPACE_VIEWER')
      WHEN "deploymentId" IS NOT NULL THEN "role"::text IN ('DEPLOYMENT_ADMIN', 'DEPLOYMENT_EDITOR', 'DEPLOYMENT_VIEWER')
      ELSE "role"::text IN ('SYSTEM_ADMIN', 'SYSTEM_EDITOR', 'SYSTEM_VIEWER', 'USER')
    END
  );
ALTER TABLE "ServiceAccount"
  DROP CONSTRAINT "ServiceAccount_one_scope",
  ADD CONSTRAINT "ServiceAccount_one_scope" CHECK (num_nonnulls("organizationId", "workspaceId", "deploymentId") <= 1);

-- A role on the platform is held once; on Organizations, as often as there are some.
DROP INDEX "RoleBinding_userId_role_system_key";
DROP INDEX "RoleBinding_teamId_role_system_key";
DROP INDEX "RoleBinding_serviceAccountId_role_system_key";
CREATE UNIQUE INDEX "RoleBinding_userId_role_system_key" ON "RoleBinding" ("userId", "role")
  WHERE "organizationId" IS NULL AND "workspaceId" IS NULL AND "deploymentId" IS NULL;
CREATE UNIQUE INDEX "RoleBinding_teamId_role_system_key" ON "RoleBinding" ("teamId", "role")
  WHERE "organizationId" IS NULL AND "workspaceId" IS NULL AND "deploymentId" IS NULL;
CREATE UNIQUE INDEX "RoleBinding_serviceAccountId_role_system_key" ON "RoleBinding" ("serviceAccountId", "role")
  WHERE "organizationId" IS NULL AND "workspaceId" IS NULL AND "deploymentId" IS NULL;
DROP INDEX "ServiceAccount_system_createdAt_idx";
CREATE INDEX "ServiceAccount_system_createdAt_idx" ON "ServiceAccount" ("createdAt", "id")
  WHERE "organizationId" IS NULL AND "workspaceId" IS NULL AND "deploymentId" IS NULL;

ALTER TABLE "Application"
  ADD CONSTRAINT "Application_id_length" CHECK (char_length("id") = 21),
  ADD CONSTRAINT "Application_platform" CHECK (
    "platform" IN ('analytics.js', 'server', 'analytics-android', 'analytics-ios'));
ALTER TABLE "Integration"
  ADD CONSTRAINT "Integration_configPayload_object" CHECK (jsonb_typeof("configPayload") = 'object');

-- The last author of these rows too.
CREATE OR REPLACE FUNCTION note_author() RETURNS trigger LANGUAGE plpgsql AS $$
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
    WHEN 'Application' THEN
      UPDATE "Application" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
    WHEN 'Connection' THEN
      UPDATE "Connection" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
    WHEN 'Integration' THEN
      UPDATE "Integration" SET "updatedBy" = NEW.actor
        WHERE id = NEW."entityId" AND "updatedBy" IS DISTINCT FROM NEW.actor;
  END CASE;
  RETURN NULL;
END
$$;
DROP TRIGGER "AuditEntry_author" ON "AuditEntry";
CREATE TRIGGER "AuditEntry_author" AFTER INSERT ON "AuditEntry" FOR EACH ROW
  WHEN (NEW."entityType" IN ('Workspace', 'Deployment', 'Cluster', 'Organization', 'Application', 'Connection', 'Integration')
    AND NEW.actor ~ '^(user|serviceAccount):')
  EXECUTE FUNCTION note_author();
