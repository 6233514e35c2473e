-- AlterTable
ALTER TABLE "Cluster" ADD COLUMN     "kubernetesId" TEXT;
