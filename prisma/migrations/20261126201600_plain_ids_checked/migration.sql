-- Waits for nobody and keeps nobody waiting.
ALTER TABLE "User" VALIDATE CONSTRAINT "User_id_plain";
ALTER TABLE "Team" VALIDATE CONSTRAINT "Team_id_plain";
ALTER TABLE "Email" VALIDATE CONSTRAINT "Email_id_plain";
ALTER TABLE "Workspace" VALIDATE CONSTRAINT "Workspace_id_plain";
ALTER TABLE "Cluster" VALIDATE CONSTRAINT "Cluster_id_plain";
ALTER TABLE "Deployment" VALIDATE CONSTRAINT "Deployment_id_plain";
ALTER TABLE "EnvironmentVariable" VALIDATE CONSTRAINT "EnvironmentVariable_id_plain";
ALTER TABLE "RoleBinding" VALIDATE CONSTRAINT "RoleBinding_id_plain";
ALTER TABLE "ServiceAccount" VALIDATE CONSTRAINT "ServiceAccount_id_plain";
ALTER TABLE "Invite" VALIDATE CONSTRAINT "Invite_id_plain";
