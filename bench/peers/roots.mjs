import {
  check,
  newId,
  newKey,
  pool,
  prepared,
  systemAdmins,
  systemReaders,
  workspaceAdmins,
  workspaceReaders,
} from "./shared.mjs";

/** Root fields of the comparison servers: rights from the caller's role bindings, then one prepared statement. */

const columns = 'id, label, "releaseName", status, config, "createdAt", "updatedAt", "workspaceId"';

const deploymentsOf = prepared(`
  SELECT ${columns} FROM "Deployment" WHERE "workspaceId" = $1 AND "deletedAt" IS NULL ORDER BY "createdAt", id`);

const deploymentNamed = prepared(`
  SELECT ${columns} FROM "Deployment" WHERE "workspaceId" = $1 AND "releaseName" = $2 AND "deletedAt" IS NULL`);

// Without the settings of each: the page that is asked for does not show them.
const deploymentsAfter = prepared(`
  SELECT id, label, "releaseName", status, "createdAt", "updatedAt", "workspaceId" FROM "Deployment"
  WHERE "deletedAt" IS NULL
    AND ("createdAt", id) > (coalesce((SELECT "createdAt" FROM "Deployment" WHERE id = $2), '-infinity'), coalesce($2, ''))
  ORDER BY "createdAt", id LIMIT $1::int`);

const usersByEmail = prepared(`
  SELECT u.id, u.username, u.status, u."createdAt" FROM "Email" e JOIN "User" u ON u.id = e."userId"
  WHERE e.address = lower($1) ORDER BY u."createdAt", u.id`);

/** $1 Workspace, $2 id, $3 label, $4 to $6 the key's columns, $7 id of the binding, $8 role, $9 id of the entry, $10 caller. */
const createAccount = prepared(`WITH account AS (
  INSERT INTO "ServiceAccount" (id, label, category, "workspaceId", "createdBy", "keyHash", "keyStart", "keyEncrypted",
    "keyShownUntil", "updatedAt")
  VALUES ($2, $3, 'ci', $1, $10, $4, $5, $6, (now() AT TIME ZONE 'utc') + interval '10 minutes', now() AT TIME ZONE 'utc')
  RETURNING *
), binding AS (
  INSERT INTO "RoleBinding" (id, role, "serviceAccountId", "workspaceId", "updatedAt")
  SELECT $7, $8::text::"Role", account.id, $1, now() AT TIME ZONE 'utc' FROM account
), audit AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", detail)
  SELECT $9, 'createServiceAccount', $10, 'ServiceAccount', account.id, $1,
    jsonb_build_object('label', $3::text, 'category', 'ci', 'role', $8::text) FROM account
)
SELECT id, label, category, "workspaceId", active, "createdAt" FROM account`);

/** $1 Workspace, $2 the account, $3 id of the entry, $4 caller. */
const deleteAccount = prepared(`WITH account AS (
  DELETE FROM "ServiceAccount" WHERE id = $2 AND "workspaceId" = $1 RETURNING id, label
), audit AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", detail)
  SELECT $3, 'deleteServiceAccount', $4, 'ServiceAccount', account.id, $1, jsonb_build_object('label', label) FROM account
)
SELECT id, label FROM account`);

const rowsOf = async (statement, values) => (await pool.query({ ...statement, values })).rows;

/** Resolvers of the root fields. The context holds the `caller`. */
export const roots = {
  Query: {
    workspaceDeployments(_, { workspaceUuid }, { caller }) {
      check(caller, systemReaders, workspaceReaders, workspaceUuid);
      return rowsOf(deploymentsOf, [workspaceUuid]);
    },
    users(_, { user }, { caller }) {
      check(caller, systemReaders);
      return rowsOf(usersByEmail, [user.email]);
    },
    async workspaceDeployment(_, { workspaceUuid, releaseName }, { caller }) {
      check(caller, systemReaders, workspaceReaders, workspaceUuid);
      const [found] = await rowsOf(deploymentNamed, [workspaceUuid, releaseName]);
      if (!found) throw new Error("NOT_FOUND");
      return found;
    },
    paginatedDeployments(_, { take, cursor = null }, { caller }) {
      check(caller, systemReaders);
      return rowsOf(deploymentsAfter, [take, cursor]);
    },
  },
  Mutation: {
    async createWorkspaceServiceAccount(_, { workspaceUuid, label, role }, { caller }) {
      check(caller, systemAdmins, workspaceAdmins, workspaceUuid);
      const { key, hash, start, sealed } = newKey();
      const actor = `user:${caller.userId}`;
      const values = [workspaceUuid, newId(), label, hash, start, sealed, newId(), role, newId(), actor];
      const [account] = await rowsOf(createAccount, values);
      return { ...account, workspaceUuid, entityType: "WORKSPACE", apiKey: key, roleBindings: [{ role }] };
    },
    async deleteWorkspaceServiceAccount(_, { workspaceUuid, serviceAccountUuid }, { caller }) {
      check(caller, systemAdmins, workspaceAdmins, workspaceUuid);
      const values = [workspaceUuid, serviceAccountUuid, newId(), `user:${caller.userId}`];
      const [account] = await rowsOf(deleteAccount, values);
      if (!account) throw new Error("NOT_FOUND");
      return account;
    },
  },
};
