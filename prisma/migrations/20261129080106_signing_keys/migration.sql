-- CreateTable
CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL,
    "isAuthority" BOOLEAN NOT NULL DEFAULT false,
    "certificate" TEXT NOT NULL,
    "privateKeyEncrypted" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "signsFrom" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);

-- PlainIds
ALTER TABLE "SigningKey" ADD CONSTRAINT "SigningKey_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
