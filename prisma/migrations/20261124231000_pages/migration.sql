-- CreateIndex
CREATE INDEX "RoleBinding_workspaceId_userId_idx" ON "RoleBinding"("workspaceId", "userId");

-- By hand from here: indexes that schema.prisma cannot say. The comparison with schema.prisma leaves them alone.

-- Pages by number walk the skipped rows here, without reading them: a deleted Deployment has no entry.
CREATE INDEX "Deployment_live_createdAt_id_idx" ON "Deployment" ("createdAt", "id") WHERE "deletedAt" IS NULL;
CREATE INDEX "Deployment_live_clusterId_createdAt_id_idx" ON "Deployment" ("clusterId", "createdAt", "id")
  WHERE "deletedAt" IS NULL;

-- Who lives in a namespace.
CREATE INDEX "Deployment_live_namespace_idx" ON "Deployment" ("namespace") WHERE "deletedAt" IS NULL;
