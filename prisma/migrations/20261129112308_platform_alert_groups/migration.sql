-- CreateTable
CREATE TABLE "PlatformAlertGroup" (
    "groupHash" TEXT NOT NULL,
    "firing" JSONB NOT NULL DEFAULT '{}',
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "PlatformAlertGroup_pkey" PRIMARY KEY ("groupHash")
);
