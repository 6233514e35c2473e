import { prepared } from "./shared.mjs";

/** The row `caller`, if the session $1 of the user $2 is good. */
export const caller = `caller AS MATERIALIZED (
  SELECT u.id, u.username, u."fullName" FROM "Session" s JOIN "User" u ON u.id = s."userId"
  WHERE s.id = $1 AND s."userId" = $2 AND s."expiresAt" > (now() AT TIME ZONE 'utc') AND u.status = 'active'
)`;

/**
 * The rows `caller` (at most one) and `may`: one row if the session $1 of the user $2 is good and they hold one of the
 * roles on the system, or one of the Workspace roles in `workspace`. Like Houston, rights are read afresh every time.
 */
const rights = (systemRoles, workspaceRoles, workspace) => `WITH ${caller}, may AS MATERIALIZED (
  SELECT caller.id FROM "RoleBinding" b JOIN caller ON caller.id = b."userId"
  WHERE b.role IN (${systemRoles}) ${workspaceRoles ? `OR (b."workspaceId" = ${workspace} AND b.role IN (${workspaceRoles}))` : ""}
  LIMIT 1
)`;

const systemReaders = "'SYSTEM_ADMIN', 'SYSTEM_EDITOR', 'SYSTEM_VIEWER'";
const readersOf = (workspace) =>
  rights(systemReaders, "'WORKSPACE_ADMIN', 'WORKSPACE_EDITOR', 'WORKSPACE_VIEWER'", workspace);
const adminsOf = (workspace) => rights("'SYSTEM_ADMIN'", "'WORKSPACE_ADMIN'", workspace);

export const time = (column) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

// As text, so that pg does not parse it.
const reading = (who, answer) =>
  prepared(`${who}
SELECT CASE WHEN EXISTS (SELECT 1 FROM may) THEN (${answer})::text END AS data`);

const Q1 = reading(
  readersOf("$3"),
  `SELECT coalesce(json_agg(json_build_object(
     'id', d.id, 'label', d.label, 'releaseName', d."releaseName", 'status', d.status, 'config', d.config,
     'createdAt', ${time('d."createdAt"')}, 'updatedAt', ${time('d."updatedAt"')}, 'workspace', w.data,
     'roleBindings', (
       SELECT coalesce(json_agg(json_build_object('role', b.role, 'user',
         CASE WHEN u.id IS NOT NULL THEN json_build_object('username', u.username) END) ORDER BY b."createdAt", b.id), '[]')
       FROM "RoleBinding" b LEFT JOIN "User" u ON u.id = b."userId" WHERE b."deploymentId" = d.id)
   ) ORDER BY d."createdAt", d.id), '[]')
   FROM "Deployment" d CROSS JOIN (
     SELECT json_build_object('id', w.id, 'label', w.label, 'users', (
       SELECT coalesce(json_agg(json_build_object('username', u.username, 'emails', (
         SELECT coalesce(json_agg(json_build_object('address', e.address) ORDER BY e."primary" DESC, e."createdAt", e.id), '[]')
         FROM "Email" e WHERE e."userId" = u.id)) ORDER BY u."createdAt", u.id), '[]')
       FROM "RoleBinding" b JOIN "User" u ON u.id = b."userId" WHERE b."workspaceId" = w.id)) AS data
     FROM "Workspace" w WHERE w.id = $3 OFFSET 0) w
   WHERE d."workspaceId" = $3 AND d."deletedAt" IS NULL`,
);

const Q2 = reading(
  rights(systemReaders),
  `SELECT coalesce(json_agg(json_build_object('id', u.id, 'username', u.username, 'status', u.status,
     'createdAt', ${time('u."createdAt"')}, 'roleBindings', (
       SELECT coalesce(json_agg(json_build_object('role', b.role) ORDER BY b."createdAt", b.id), '[]')
       FROM "RoleBinding" b WHERE b."userId" = u.id)) ORDER BY u."createdAt", u.id), '[]')
   FROM "Email" e JOIN "User" u ON u.id = e."userId" WHERE e.address = lower($3)`,
);

const Q3 = reading(
  readersOf("$3"),
  `SELECT json_build_object('id', id, 'label', label, 'releaseName', "releaseName", 'status', status,
     'createdAt', ${time('"createdAt"')})
   FROM "Deployment" WHERE "releaseName" = $4 AND "workspaceId" = $3 AND "deletedAt" IS NULL`,
);

// The page is found first and joined then. The second LIMIT is for the planner, which does not know $3 in a generic plan.
const Q4 = reading(
  rights(systemReaders),
  `SELECT coalesce(json_agg(json_build_object('id', d.id, 'label', d.label, 'releaseName', d."releaseName",
     'createdAt', ${time('d."createdAt"')}, 'workspace', json_build_object('id', w.id, 'label', w.label))
     ORDER BY d."createdAt", d.id), '[]')
   FROM (SELECT * FROM (
     SELECT * FROM "Deployment" WHERE "deletedAt" IS NULL
       AND ("createdAt", id) > (coalesce((SELECT "createdAt" FROM "Deployment" WHERE id = $4), '-infinity'), coalesce($4, ''))
     ORDER BY "createdAt", id LIMIT $3::int) p LIMIT 101) d
   JOIN "Workspace" w ON w.id = d."workspaceId"`,
);

/** $3 Workspace, $4 id, $5 label, $6 to $8 the key's columns, $9 id of the binding, $10 role, $11 id of the entry, $12 key. */
const M1create = prepared(`${adminsOf("$3")}, account AS (
  INSERT INTO "ServiceAccount" (id, label, category, "workspaceId", "createdBy", "keyHash", "keyStart", "keyEncrypted",
    "keyShownUntil", "updatedAt")
  SELECT $4, $5, 'ci', $3, 'user:' || may.id, $6, $7, $8,
    (now() AT TIME ZONE 'utc') + interval '10 minutes', now() AT TIME ZONE 'utc' FROM may
  RETURNING *
), binding AS (
  INSERT INTO "RoleBinding" (id, role, "serviceAccountId", "workspaceId", "updatedAt")
  SELECT $9, $10::text::"Role", account.id, $3, now() AT TIME ZONE 'utc' FROM account RETURNING role
), audit AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", detail)
  SELECT $11, 'createServiceAccount', 'user:' || may.id, 'ServiceAccount', account.id, $3,
    jsonb_build_object('label', $5::text, 'category', 'ci', 'role', $10::text) FROM account, may
)
SELECT json_build_object('id', a.id, 'label', a.label, 'category', a.category, 'entityType', 'WORKSPACE',
  'workspaceUuid', a."workspaceId", 'active', a.active, 'apiKey', $12::text, 'createdAt', ${time('a."createdAt"')},
  'roleBindings', json_build_array(json_build_object('role', binding.role)))::text AS data
FROM account a, binding`);

/** $3 Workspace, $4 the account, $5 id of the entry. */
const M1delete = prepared(`${adminsOf("$3")}, account AS (
  DELETE FROM "ServiceAccount" a USING may WHERE a.id = $4 AND a."workspaceId" = $3 RETURNING a.id, a.label
), audit AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", detail)
  SELECT $5, 'deleteServiceAccount', 'user:' || may.id, 'ServiceAccount', account.id, $3,
    jsonb_build_object('label', account.label) FROM account, may
)
SELECT json_build_object('id', id, 'label', label)::text AS data FROM account`);

/** One statement per operation. */
export const statements = { Q1, Q2, Q3, Q4, M1create, M1delete };
