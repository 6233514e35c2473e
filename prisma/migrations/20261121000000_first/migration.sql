-- CreateEnum
CREATE TYPE "Role" AS ENUM ('SYSTEM_ADMIN', 'SYSTEM_EDITOR', 'SYSTEM_VIEWER', 'WORKSPACE_ADMIN', 'WORKSPACE_EDITOR', 'WORKSPACE_VIEWER', 'DEPLOYMENT_ADMIN', 'DEPLOYMENT_EDITOR', 'DEPLOYMENT_VIEWER', 'USER');

-- CreateEnum
CREATE TYPE "UserStatus" AS ENUM ('pending', 'active');

-- CreateEnum
CREATE TYPE "ExecutorType" AS ENUM ('LocalExecutor', 'CeleryExecutor', 'KubernetesExecutor');

-- CreateEnum
CREATE TYPE "DeploymentStatusType" AS ENUM ('UNKNOWN', 'DEPLOYING', 'UNHEALTHY', 'HEALTHY');

-- CreateEnum
CREATE TYPE "AllowedDeploymentModeValues" AS ENUM ('helm', 'operator');

-- CreateTable
CREATE TABLE "Platform" (
    "id" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "Platform_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "fullName" TEXT NOT NULL DEFAULT '',
    "status" "UserStatus" NOT NULL DEFAULT 'pending',
    "profile" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Email" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "primary" BOOLEAN NOT NULL DEFAULT true,
    "verified" BOOLEAN NOT NULL DEFAULT false,
    "confirmTokenHash" TEXT,
    "confirmTokenExpiresAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Email_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LocalCredential" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "resetTokenHash" TEXT,
    "resetTokenExpiresAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "LocalCredential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Workspace" (
    "id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "active" BOOLEAN NOT NULL DEFAULT true,
    "properties" JSONB NOT NULL DEFAULT '{}',
    "trialEndsAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ReleaseName" (
    "name" TEXT NOT NULL,

    CONSTRAINT "ReleaseName_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Deployment" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "releaseName" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "type" TEXT NOT NULL DEFAULT 'airflow',
    "version" TEXT NOT NULL,
    "airflowVersion" TEXT,
    "desiredAirflowVersion" TEXT,
    "runtimeVersion" TEXT,
    "desiredRuntimeVersion" TEXT,
    "executor" "ExecutorType" NOT NULL,
    "mode" "AllowedDeploymentModeValues" NOT NULL DEFAULT 'helm',
    "status" "DeploymentStatusType" NOT NULL DEFAULT 'UNKNOWN',
    "config" JSONB NOT NULL,
    "properties" JSONB NOT NULL DEFAULT '{}',
    "dagDeployment" JSONB NOT NULL,
    "image" TEXT,
    "dockerconfigjson" TEXT,
    "cloudRole" TEXT,
    "alertEmails" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "deletedAt" TIMESTAMP(3),

    CONSTRAINT "Deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EnvironmentVariable" (
    "id" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "isSecret" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "EnvironmentVariable_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RoleBinding" (
    "id" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "userId" TEXT,
    "serviceAccountId" TEXT,
    "workspaceId" TEXT,
    "deploymentId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "RoleBinding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ServiceAccount" (
    "id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "category" TEXT NOT NULL DEFAULT '',
    "workspaceId" TEXT,
    "deploymentId" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "createdBy" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "keyStart" TEXT NOT NULL,
    "keyEncrypted" TEXT,
    "keyShownUntil" TIMESTAMP(3),
    "lastUsedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ServiceAccount_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Invite" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "tokenHash" TEXT NOT NULL,
    "workspaceId" TEXT,
    "role" "Role",
    "deploymentRoles" JSONB NOT NULL DEFAULT '[]',
    "invitedById" TEXT,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Invite_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "entityType" TEXT NOT NULL,
    "entityId" TEXT NOT NULL,
    "workspaceId" TEXT,
    "requestId" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_username_key" ON "User"("username");

-- CreateIndex
CREATE INDEX "User_createdAt_id_idx" ON "User"("createdAt", "id");

-- CreateIndex
CREATE INDEX "User_fullName_idx" ON "User"("fullName");

-- CreateIndex
CREATE UNIQUE INDEX "Email_address_key" ON "Email"("address");

-- CreateIndex
CREATE UNIQUE INDEX "Email_confirmTokenHash_key" ON "Email"("confirmTokenHash");

-- CreateIndex
CREATE INDEX "Email_userId_idx" ON "Email"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "LocalCredential_userId_key" ON "LocalCredential"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "LocalCredential_resetTokenHash_key" ON "LocalCredential"("resetTokenHash");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- CreateIndex
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "Workspace_label_key" ON "Workspace"("label");

-- CreateIndex
CREATE INDEX "Workspace_createdAt_id_idx" ON "Workspace"("createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Deployment_releaseName_key" ON "Deployment"("releaseName");

-- CreateIndex
CREATE INDEX "Deployment_workspaceId_createdAt_id_idx" ON "Deployment"("workspaceId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Deployment_createdAt_id_idx" ON "Deployment"("createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "EnvironmentVariable_deploymentId_key_key" ON "EnvironmentVariable"("deploymentId", "key");

-- CreateIndex
CREATE INDEX "RoleBinding_workspaceId_role_idx" ON "RoleBinding"("workspaceId", "role");

-- CreateIndex
CREATE INDEX "RoleBinding_deploymentId_role_idx" ON "RoleBinding"("deploymentId", "role");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_userId_workspaceId_key" ON "RoleBinding"("userId", "workspaceId");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_userId_deploymentId_key" ON "RoleBinding"("userId", "deploymentId");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_serviceAccountId_key" ON "RoleBinding"("serviceAccountId");

-- CreateIndex
CREATE UNIQUE INDEX "ServiceAccount_keyHash_key" ON "ServiceAccount"("keyHash");

-- CreateIndex
CREATE INDEX "ServiceAccount_workspaceId_createdAt_idx" ON "ServiceAccount"("workspaceId", "createdAt");

-- CreateIndex
CREATE INDEX "ServiceAccount_deploymentId_createdAt_idx" ON "ServiceAccount"("deploymentId", "createdAt");

-- CreateIndex
CREATE INDEX "ServiceAccount_keyShownUntil_idx" ON "ServiceAccount"("keyShownUntil");

-- CreateIndex
CREATE UNIQUE INDEX "Invite_tokenHash_key" ON "Invite"("tokenHash");

-- CreateIndex
CREATE INDEX "Invite_workspaceId_createdAt_idx" ON "Invite"("workspaceId", "createdAt");

-- CreateIndex
CREATE INDEX "Invite_createdAt_id_idx" ON "Invite"("createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Invite_email_workspaceId_key" ON "Invite"("email", "workspaceId");

-- CreateIndex
CREATE INDEX "AuditEntry_createdAt_idx" ON "AuditEntry"("createdAt");

-- CreateIndex
CREATE INDEX "AuditEntry_entityId_idx" ON "AuditEntry"("entityId");

-- AddForeignKey
ALTER TABLE "Email" ADD CONSTRAINT "Email_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LocalCredential" ADD CONSTRAINT "LocalCredential_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_releaseName_fkey" FOREIGN KEY ("releaseName") REFERENCES "ReleaseName"("name") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "EnvironmentVariable" ADD CONSTRAINT "EnvironmentVariable_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_serviceAccountId_fkey" FOREIGN KEY ("serviceAccountId") REFERENCES "ServiceAccount"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here: rules that schema.prisma cannot say. The comparison with schema.prisma leaves them alone.

-- The one row, and never a second.
INSERT INTO "Platform" ("id") VALUES (1);
ALTER TABLE "Platform" ADD CONSTRAINT "Platform_one_row" CHECK ("id" = 1);

-- A role binding has one subject and one scope, and its role belongs to that scope.
ALTER TABLE "RoleBinding"
  ADD CONSTRAINT "RoleBinding_one_subject" CHECK (num_nonnulls("userId", "serviceAccountId") = 1),
  ADD CONSTRAINT "RoleBinding_one_scope" CHECK (num_nonnulls("workspaceId", "deploymentId") <= 1),
  ADD CONSTRAINT "RoleBinding_role_of_scope" CHECK (
    CASE
      WHEN "workspaceId" IS NOT NULL THEN "role" IN ('WORKSPACE_ADMIN', 'WORKSPACE_EDITOR', 'WORKSPACE_VIEWER')
      WHEN "deploymentId" IS NOT NULL THEN "role" IN ('DEPLOYMENT_ADMIN', 'DEPLOYMENT_EDITOR', 'DEPLOYMENT_VIEWER')
      ELSE "role" IN ('SYSTEM_ADMIN', 'SYSTEM_EDITOR', 'SYSTEM_VIEWER', 'USER')
    END
  );
CREATE UNIQUE INDEX "RoleBinding_userId_role_system_key" ON "RoleBinding" ("userId", "role")
  WHERE "workspaceId" IS NULL AND "deploymentId" IS NULL;

-- A service account has one scope, and a label of its own in it.
ALTER TABLE "ServiceAccount"
  ADD CONSTRAINT "ServiceAccount_one_scope" CHECK (num_nonnulls("workspaceId", "deploymentId") <= 1);
CREATE UNIQUE INDEX "ServiceAccount_workspaceId_label_key" ON "ServiceAccount" ("workspaceId", "label")
  WHERE "workspaceId" IS NOT NULL;
CREATE UNIQUE INDEX "ServiceAccount_deploymentId_label_key" ON "ServiceAccount" ("deploymentId", "label")
  WHERE "deploymentId" IS NOT NULL;
CREATE UNIQUE INDEX "ServiceAccount_label_system_key" ON "ServiceAccount" ("label")
  WHERE "workspaceId" IS NULL AND "deploymentId" IS NULL;

-- A deleted deployment frees its label, never its release name.
CREATE UNIQUE INDEX "Deployment_workspaceId_label_key" ON "Deployment" ("workspaceId", "label")
  WHERE "deletedAt" IS NULL;

-- One open invitation to the platform per address; the one to a Workspace is in schema.prisma.
CREATE UNIQUE INDEX "Invite_email_platform_key" ON "Invite" ("email") WHERE "workspaceId" IS NULL;
ALTER TABLE "Invite"
  ADD CONSTRAINT "Invite_email_lower" CHECK ("email" = lower("email")),
  ADD CONSTRAINT "Invite_role_of_scope" CHECK (
    "workspaceId" IS NULL OR "role" IN ('WORKSPACE_ADMIN', 'WORKSPACE_EDITOR', 'WORKSPACE_VIEWER')
  ),
  ADD CONSTRAINT "Invite_deploymentRoles_array" CHECK (jsonb_typeof("deploymentRoles") = 'array');

ALTER TABLE "Email" ADD CONSTRAINT "Email_address_lower" CHECK ("address" = lower("address"));
ALTER TABLE "User" ADD CONSTRAINT "User_profile_object" CHECK (jsonb_typeof("profile") = 'object');
ALTER TABLE "Workspace"
  ADD CONSTRAINT "Workspace_label_length" CHECK (char_length("label") BETWEEN 1 AND 80),
  ADD CONSTRAINT "Workspace_properties_object" CHECK (jsonb_typeof("properties") = 'object');
ALTER TABLE "Deployment"
  ADD CONSTRAINT "Deployment_label_length" CHECK (char_length("label") BETWEEN 1 AND 80),
  ADD CONSTRAINT "Deployment_config_object" CHECK (jsonb_typeof("config") = 'object'),
  ADD CONSTRAINT "Deployment_properties_object" CHECK (jsonb_typeof("properties") = 'object'),
  ADD CONSTRAINT "Deployment_dagDeployment_object" CHECK (jsonb_typeof("dagDeployment") = 'object');
ALTER TABLE "AuditEntry" ADD CONSTRAINT "AuditEntry_detail_object" CHECK (jsonb_typeof("detail") = 'object');
