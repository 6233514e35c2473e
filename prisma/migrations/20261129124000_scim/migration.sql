-- AlterTable
ALTER TABLE "Team" ADD COLUMN "externalId" TEXT;

-- CreateTable
CREATE TABLE "ScimUser" (
    "provider" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "userNameKey" TEXT NOT NULL,
    "externalId" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ScimUser_pkey" PRIMARY KEY ("provider","userId")
);

-- CreateTable
CREATE TABLE "ScimToken" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "label" TEXT NOT NULL DEFAULT '',
    "tokenHash" TEXT NOT NULL,
    "tokenStart" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3),
    "lastUsedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ScimToken_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ScimUser_provider_externalId_idx" ON "ScimUser"("provider", "externalId");

-- CreateIndex
CREATE INDEX "ScimUser_userId_idx" ON "ScimUser"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "ScimUser_provider_userNameKey_key" ON "ScimUser"("provider", "userNameKey");

-- CreateIndex
CREATE UNIQUE INDEX "ScimToken_tokenHash_key" ON "ScimToken"("tokenHash");

-- CreateIndex
CREATE INDEX "ScimToken_provider_createdAt_id_idx" ON "ScimToken"("provider", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Team_provider_externalId_key" ON "Team"("provider", "externalId");

-- AddForeignKey
ALTER TABLE "ScimUser" ADD CONSTRAINT "ScimUser_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- PlainIds
ALTER TABLE "ScimToken" ADD CONSTRAINT "ScimToken_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');

-- Rules
ALTER TABLE "ScimUser" ADD CONSTRAINT "ScimUser_attributes_object" CHECK (jsonb_typeof("attributes") = 'object');
