-- Answers hold ids between quotes without looking for what JSON would escape: an id is made of letters, digits, "_" and "-".
ALTER TABLE "User" ADD CONSTRAINT "User_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Team" ADD CONSTRAINT "Team_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Email" ADD CONSTRAINT "Email_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Workspace" ADD CONSTRAINT "Workspace_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "EnvironmentVariable" ADD CONSTRAINT "EnvironmentVariable_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "RoleBinding" ADD CONSTRAINT "RoleBinding_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
