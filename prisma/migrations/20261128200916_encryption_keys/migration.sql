-- CreateTable
CREATE TABLE "EncryptionKey" (
    "id" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EncryptionKey_pkey" PRIMARY KEY ("id")
);

-- PlainIds
ALTER TABLE "EncryptionKey" ADD CONSTRAINT "EncryptionKey_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
