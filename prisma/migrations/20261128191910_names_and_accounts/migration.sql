-- DropIndex
DROP INDEX "RoleBinding_serviceAccountId_key";

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_serviceAccountId_workspaceId_key" ON "RoleBinding"("serviceAccountId", "workspaceId");

-- CreateIndex
CREATE UNIQUE INDEX "RoleBinding_serviceAccountId_deploymentId_key" ON "RoleBinding"("serviceAccountId", "deploymentId");

-- By hand from here: rules that schema.prisma cannot say.

-- A service account may hold a role on every Deployment that it created; like a user, a system role at most once.
CREATE UNIQUE INDEX "RoleBinding_serviceAccountId_role_system_key" ON "RoleBinding" ("serviceAccountId", "role")
  WHERE "workspaceId" IS NULL AND "deploymentId" IS NULL;

-- Keys are rotated by creating the next one under the same label.
DROP INDEX "ServiceAccount_workspaceId_label_key";
DROP INDEX "ServiceAccount_deploymentId_label_key";
DROP INDEX "ServiceAccount_label_system_key";
-- The last one also found the accounts of the system; they are listed by creation time.
CREATE INDEX "ServiceAccount_system_createdAt_idx" ON "ServiceAccount" ("createdAt", "id")
  WHERE "workspaceId" IS NULL AND "deploymentId" IS NULL;

-- Whatever removes a Deployment's row frees its release name: a hard delete, the end of a retention, or a deleted Workspace.
CREATE FUNCTION free_release_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "ReleaseName" WHERE name = OLD."releaseName";
  RETURN NULL;
END
$$;
CREATE TRIGGER "Deployment_frees_name" AFTER DELETE ON "Deployment"
  FOR EACH ROW EXECUTE FUNCTION free_release_name();

-- Names of Deployments that were removed before.
DELETE FROM "ReleaseName" r WHERE NOT EXISTS (SELECT 1 FROM "Deployment" d WHERE d."releaseName" = r.name);
