-- AlterTable
ALTER TABLE "Cluster" ADD COLUMN     "kubeconfig" TEXT;

-- AlterTable
ALTER TABLE "Deployment" ADD COLUMN     "statusReason" TEXT;

-- CreateTable
CREATE TABLE "Provision" (
    "id" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL,
    "releaseName" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "ownsNamespace" BOOLEAN NOT NULL DEFAULT false,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "digest" TEXT,
    "appliedRevision" INTEGER NOT NULL DEFAULT 0,
    "airflowVersion" TEXT,
    "onFailedUpgrade" TEXT NOT NULL DEFAULT 'retry',
    "keys" TEXT,
    "problem" TEXT,
    "problemSince" TIMESTAMP(3),
    "removedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Provision_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Provision_clusterId_idx" ON "Provision"("clusterId");

-- IDs are returned in JSON without escaping.
ALTER TABLE "Provision" ADD CONSTRAINT "Provision_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
