-- Answers hold ids between quotes without looking for what JSON would escape: an id is made of letters, digits, "_" and "-".
-- The rows that are there are looked at by the next migration, while others read and write.
ALTER TABLE "User" ADD CONSTRAINT "User_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "Team" ADD CONSTRAINT "Team_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "Email" ADD CONSTRAINT "Email_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "Workspace" ADD CONSTRAINT "Workspace_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "EnvironmentVariable" ADD CONSTRAINT "EnvironmentVariable_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$') NOT VALID;
