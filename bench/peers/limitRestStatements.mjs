import { caller, time } from "./limitStatements.mjs";
import { prepared } from "./shared.mjs";

/** The statements for the operations of the Platform API. $1 session, $2 user, $3 the Organization. */

/** The Organization, if the caller belongs to it: as everyone does to the first one. */
const organization = `organization AS MATERIALIZED (
  SELECT o.id, o.name FROM "Organization" o, caller WHERE o.id = $3 AND (o.id = 'clorgdefault0000000000000' OR EXISTS (
    SELECT 1 FROM "RoleBinding" b LEFT JOIN "Deployment" d ON d.id = b."deploymentId"
      JOIN "Workspace" w ON w.id = coalesce(b."workspaceId", d."workspaceId")
    WHERE b."userId" = caller.id AND w."organizationId" = o.id))
)`;

/** $4 id, $5 name, $6 description, $7 id of the binding, $8 id of the entry. */
const R3create = prepared(`WITH ${caller}, ${organization}, workspace AS (
  INSERT INTO "Workspace" (id, "organizationId", label, description, "createdBy", "updatedBy", "createdAt", "updatedAt")
  SELECT $4, organization.id, $5, $6, 'user:' || caller.id, 'user:' || caller.id,
    now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc' FROM organization, caller
  RETURNING *
), binding AS (
  INSERT INTO "RoleBinding" (id, role, "userId", "workspaceId", "updatedAt")
  SELECT $7, 'WORKSPACE_ADMIN', caller.id, workspace.id, now() AT TIME ZONE 'utc' FROM workspace, caller
), audit AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", detail)
  SELECT $8, 'createWorkspace', 'user:' || caller.id, 'Workspace', workspace.id, workspace.id,
    jsonb_build_object('label', workspace.label) FROM workspace, caller
)
SELECT json_build_object('id', w.id, 'organizationId', o.id, 'organizationName', o.name, 'name', w.label,
  'description', w.description, 'cicdEnforcedDefault', w."cicdEnforcedDefault",
  'createdAt', ${time('w."createdAt"')}, 'updatedAt', ${time('w."updatedAt"')},
  'createdBy', me.subject, 'updatedBy', me.subject)::text AS data
FROM workspace w, organization o, (
  SELECT json_build_object('subjectType', 'USER', 'id', id, 'username', username, 'fullName', "fullName") FROM caller
) me(subject)`);

/** $4 the Workspace, $5 id of the entry. */
const R3delete = prepared(`WITH ${caller}, ${organization}, may AS MATERIALIZED (
  SELECT caller.id FROM organization, caller JOIN "RoleBinding" b ON b."userId" = caller.id
  WHERE b.role = 'SYSTEM_ADMIN' OR (b."workspaceId" = $4 AND b.role = 'WORKSPACE_ADMIN') LIMIT 1
), workspace AS (
  DELETE FROM "Workspace" w USING may WHERE w.id = $4 AND w."organizationId" = $3 RETURNING w.id, w.label
), audit AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", detail)
  SELECT $5, 'deleteWorkspace', 'user:' || may.id, 'Workspace', workspace.id, workspace.id,
    jsonb_build_object('label', workspace.label) FROM workspace, may
)
SELECT id AS data FROM workspace`);

/** One statement per operation. */
export const restStatements = { R3create, R3delete };
