import { pool, prepared } from "./shared.mjs";

/**
 * What nested fields show, for many parents at once: each takes ids, each once, and gives what belongs to each of them
 * in their order. One prepared statement each.
 */

/** One row for each id. */
const one = (text) => {
  const statement = prepared(text);
  return async (ids) => {
    const { rows } = await pool.query({ ...statement, values: [ids] });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  };
};

/** The rows whose `parent` is the id. */
const many = (text) => {
  const statement = prepared(text);
  return async (ids) => {
    const { rows } = await pool.query({ ...statement, values: [ids] });
    const byParent = new Map(ids.map((id) => [id, []]));
    for (const row of rows) byParent.get(row.parent).push(row);
    return ids.map((id) => byParent.get(id));
  };
};

export const workspacesById = one('SELECT id, label FROM "Workspace" WHERE id = ANY($1)');

export const usersById = one('SELECT id, username, status, "createdAt" FROM "User" WHERE id = ANY($1)');

export const usersOfWorkspaces = many(`
  SELECT b."workspaceId" AS parent, u.id, u.username, u.status, u."createdAt"
  FROM "RoleBinding" b JOIN "User" u ON u.id = b."userId" WHERE b."workspaceId" = ANY($1) ORDER BY u."createdAt", u.id`);

export const emailsOfUsers = many(`
  SELECT "userId" AS parent, address FROM "Email" WHERE "userId" = ANY($1) ORDER BY "primary" DESC, "createdAt", id`);

export const bindingsOfDeployments = many(`
  SELECT "deploymentId" AS parent, role, "userId" FROM "RoleBinding" WHERE "deploymentId" = ANY($1) ORDER BY "createdAt", id`);

export const bindingsOfUsers = many(`
  SELECT "userId" AS parent, role, "userId" FROM "RoleBinding" WHERE "userId" = ANY($1) ORDER BY "createdAt", id`);
