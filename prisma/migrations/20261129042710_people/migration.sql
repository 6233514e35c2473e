-- AlterTable
ALTER TABLE "Email" ADD COLUMN     "proven" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "Invite" ADD COLUMN     "invitedBy" TEXT;

-- AlterTable
ALTER TABLE "RoleBinding" ADD COLUMN     "namedAddress" TEXT;

-- CreateIndex
CREATE INDEX "RoleBinding_namedAddress_idx" ON "RoleBinding"("namedAddress");

-- A password of an active user with a verified address was set with a link sent to it, or by the first System Admin.
-- Users that bypassInvite created have none until then.
UPDATE "Email" e SET "proven" = true FROM "LocalCredential" c
  WHERE e.verified AND c."userId" = e."userId" AND c."passwordHash" <> '!';

UPDATE "Invite" SET "invitedBy" = 'user:' || "invitedById" WHERE "invitedById" IS NOT NULL;

-- Until now, all addresses of a user were shown.
UPDATE "RoleBinding" b SET "namedAddress" = e.address FROM "Email" e
  WHERE e."userId" = b."userId" AND e."primary"
    AND num_nonnulls(b."organizationId", b."workspaceId", b."deploymentId") = 1;

-- Whoever creates a Workspace or Deployment names no address; the others there need one to manage the creator's role.
CREATE FUNCTION role_binding_named_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT e.address INTO NEW."namedAddress" FROM "Email" e
    WHERE e."userId" = NEW."userId" ORDER BY e."primary" DESC, e."createdAt", e.id LIMIT 1;
  RETURN NEW;
END $$;

CREATE TRIGGER role_binding_named_address BEFORE INSERT ON "RoleBinding" FOR EACH ROW
  WHEN (NEW."userId" IS NOT NULL AND NEW."namedAddress" IS NULL) EXECUTE FUNCTION role_binding_named_address();
