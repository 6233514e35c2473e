-- AlterTable
ALTER TABLE "RoleBinding" ADD COLUMN "vouchedBy" TEXT;
