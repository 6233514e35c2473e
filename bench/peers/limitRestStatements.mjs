import { deploymentJson } from "./limitDeployment.mjs";
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

/** The caller's roles, and those that let them see Deployments; all of them also show variables, but for the second. */
const held = `held AS MATERIALIZED (
  SELECT b.role, b."workspaceId", b."deploymentId" FROM "RoleBinding" b, caller WHERE b."userId" = caller.id
)`;
const onSystem = "('SYSTEM_ADMIN', 'SYSTEM_EDITOR', 'SYSTEM_VIEWER')";
const onWorkspace = "('WORKSPACE_ADMIN', 'WORKSPACE_EDITOR', 'WORKSPACE_VIEWER')";
const onDeployment = "('DEPLOYMENT_ADMIN', 'DEPLOYMENT_EDITOR', 'DEPLOYMENT_VIEWER')";

const joins = `JOIN "Workspace" w ON w.id = d."workspaceId" JOIN "Cluster" c ON c.id = d."clusterId"`;
const seesVariables = `(SELECT everything FROM shown)
  OR d."workspaceId" IN (SELECT "workspaceId" FROM held WHERE role = 'WORKSPACE_ADMIN')
  OR d.id IN (SELECT "deploymentId" FROM held WHERE role IN ${onDeployment})`;

/** $4 maximum number of rows, $5 rows to skip; by name. The page is found in the index, and its rows are read then. */
const R1 = prepared(`WITH ${caller}, ${organization}, ${held}, shown AS MATERIALIZED (
  SELECT EXISTS (SELECT 1 FROM held WHERE role IN ${onSystem}) AS everything
), own AS MATERIALIZED (
  SELECT d.id FROM held JOIN "Deployment" d ON d."workspaceId" = held."workspaceId"
  WHERE held.role IN ${onWorkspace} AND d."organizationId" = $3 AND d."deletedAt" IS NULL
    AND NOT (SELECT everything FROM shown)
  UNION SELECT d.id FROM held JOIN "Deployment" d ON d.id = held."deploymentId"
  WHERE held.role IN ${onDeployment} AND d."organizationId" = $3 AND d."deletedAt" IS NULL
    AND NOT (SELECT everything FROM shown)
), page AS MATERIALIZED (
  SELECT CASE WHEN everything
    THEN ARRAY(SELECT id FROM "Deployment" WHERE "organizationId" = $3 AND "deletedAt" IS NULL
      ORDER BY label, id LIMIT $4::bigint OFFSET $5::bigint)
    ELSE ARRAY(SELECT d.id FROM own JOIN "Deployment" d ON d.id = own.id
      ORDER BY d.label, d.id LIMIT $4::bigint OFFSET $5::bigint) END AS ids,
    CASE WHEN everything
    THEN (SELECT count(*) FROM "Deployment" WHERE "organizationId" = $3 AND "deletedAt" IS NULL)
    ELSE (SELECT count(*) FROM own) END AS total
  FROM shown
)
SELECT concat('{"totalCount":', page.total, ',"offset":', $5::bigint, ',"limit":', $4::bigint, ',"deployments":[', (
  SELECT string_agg(x.j, ',') FROM (
    SELECT ${deploymentJson} AS j
    FROM (
      SELECT d.*, ${seesVariables} AS variables FROM "Deployment" d WHERE d.id = ANY((SELECT ids FROM page)::text[])
    ) d
    ${joins} ORDER BY d.label, d.id) x
), ']}') AS data FROM page, organization`);

/** $4 the Deployment. */
const R2 = prepared(`WITH ${caller}, ${organization}, ${held}, shown AS MATERIALIZED (
  SELECT EXISTS (SELECT 1 FROM held WHERE role IN ${onSystem}) AS everything
)
SELECT ${deploymentJson} AS data
FROM (SELECT d.*, ${seesVariables} AS variables FROM "Deployment" d WHERE d.id = $4) d
${joins}, organization o
WHERE d."organizationId" = o.id AND d."deletedAt" IS NULL AND ((SELECT everything FROM shown)
  OR d."workspaceId" IN (SELECT "workspaceId" FROM held WHERE role IN ${onWorkspace})
  OR d.id IN (SELECT "deploymentId" FROM held WHERE role IN ${onDeployment}))`);

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
export const restStatements = { R1, R2, R3create, R3delete };
