-- CreateEnum
CREATE TYPE "ClusterStatus" AS ENUM ('ACTIVE', 'INACTIVE');

-- AlterTable
ALTER TABLE "Deployment" ADD COLUMN     "adoptedAt" TIMESTAMP(3),
ADD COLUMN     "adoption" JSONB,
ADD COLUMN     "clusterId" TEXT NOT NULL DEFAULT 'cldefault0000000000000000',
ADD COLUMN     "cordonReason" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "deployCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "isCordoned" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "kedaEnabled" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "webserverReboot" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "RoleBinding" ADD COLUMN     "teamId" TEXT;

-- AlterTable
ALTER TABLE "Workspace" ADD COLUMN     "stripeCustomerId" TEXT;

-- CreateTable
CREATE TABLE "Team" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "provider" TEXT NOT NULL DEFAULT 'local',
    "description" TEXT NOT NULL DEFAULT '',
    "sortId" SERIAL NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Team_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TeamMember" (
    "teamId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TeamMember_pkey" PRIMARY KEY ("teamId","userId")
);

-- CreateTable
CREATE TABLE "Cluster" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "baseDomain" TEXT,
    "metadataUrl" TEXT,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "status" "ClusterStatus" NOT NULL DEFAULT 'ACTIVE',
    "statusReason" JSONB,
    "healthStatus" JSONB,
    "config" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Cluster_pkey" PRIMARY KEY ("id")
);

-- By hand: the cluster that every installation has, and that Deployments from before run on.
INSERT INTO "Cluster" ("id", "name", "isDefault", "updatedAt")
  VALUES ('cldefault0000000000000000', 'default', true, CURRENT_TIMESTAMP);

-- CreateTable
CREATE TABLE "DeploymentsConfigOverride" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT,
    "deploymentId" TEXT,
    "config" JSONB NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "DeploymentsConfigOverride_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeployRevision" (
    "id" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "image" TEXT NOT NULL,
    "tag" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DeployRevision_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Team_sortId_key" ON "Team"("sortId");

-- CreateIndex
CREATE INDEX "Team_createdAt_id_idx" ON "Team"("createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Team_provider_name_key" ON "Team"("provider", "name");

-- CreateIndex
CREATE INDEX "TeamMember_userId_idx" ON "TeamMember"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "Cluster_name_key" ON "Cluster"("name");

-- CreateIndex
CREATE INDEX "Cluster_createdAt_id_idx" ON "Cluster"("createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "DeploymentsConfigOverride_workspaceId_key" ON "DeploymentsConfigOverride"("workspaceId");

-- CreateIndex
CREATE UNIQUE INDEX "DeploymentsConfigOverride_deploymentId_key" ON "DeploymentsConfigOverride"("deploymentId");

-- CreateIndex
CREATE INDEX "DeployRevision_deploymentId_createdAt_idx" ON "DeployRevision"("deploymentId", "createdAt");

-- CreateIndex
CREATE INDEX "Deployment_clusterId_createdAt_id_idx" ON "Deployment"("clusterId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_teamId_workspaceId_key" ON "RoleBinding"("teamId", "workspaceId");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_teamId_deploymentId_key" ON "RoleBinding"("teamId", "deploymentId");

-- AddForeignKey
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeploymentsConfigOverride" ADD CONSTRAINT "DeploymentsConfigOverride_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeploymentsConfigOverride" ADD CONSTRAINT "DeploymentsConfigOverride_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeployRevision" ADD CONSTRAINT "DeployRevision_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "Cluster"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here: rules that schema.prisma cannot say. The comparison with schema.prisma leaves them alone.

-- A role binding has one subject: a user, a team or a service account. A team has a system role once.
ALTER TABLE "RoleBinding"
  DROP CONSTRAINT "RoleBinding_one_subject",
  ADD CONSTRAINT "RoleBinding_one_subject" CHECK (num_nonnulls("userId", "teamId", "serviceAccountId") = 1);
CREATE UNIQUE INDEX "RoleBinding_teamId_role_system_key" ON "RoleBinding" ("teamId", "role")
  WHERE "workspaceId" IS NULL AND "deploymentId" IS NULL;

ALTER TABLE "Team" ADD CONSTRAINT "Team_name_length" CHECK (char_length("name") BETWEEN 1 AND 80);

-- Never two default clusters.
CREATE UNIQUE INDEX "Cluster_isDefault_key" ON "Cluster" ("isDefault") WHERE "isDefault";
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_config_object" CHECK (jsonb_typeof("config") = 'object');

-- An override belongs to one Workspace or to one Deployment.
ALTER TABLE "DeploymentsConfigOverride"
  ADD CONSTRAINT "DeploymentsConfigOverride_one_scope" CHECK (num_nonnulls("workspaceId", "deploymentId") = 1),
  ADD CONSTRAINT "DeploymentsConfigOverride_config_object" CHECK (jsonb_typeof("config") = 'object');
