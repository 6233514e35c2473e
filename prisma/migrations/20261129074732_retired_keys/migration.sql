-- AlterTable
ALTER TABLE "EncryptionKey" ADD COLUMN     "retiredAt" TIMESTAMP(3);
