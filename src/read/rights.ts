import type { Permission } from "../auth/permissions.ts";
import { levelOf, type Role, type Roles } from "../auth/roles.ts";

/**
 * One way to be allowed something about a row. `workspace` and `deployment` name the row's columns that hold its scope;
 * `caller` and `callerAccount` name a column that holds the caller's own id; `through` asks about related rows.
 */
export type Right =
  | { permission: Permission; workspace?: string; deployment?: string; when?: string }
  | { caller: string }
  | { callerAccount: string }
  | { through: { table: string; theirs: string; ours: string; rights: readonly Right[] } };

/** Names of the caller's two parameters in every statement: the id as user and as service account, one of them null. */
export const callerParams = { user: "$1", serviceAccount: "$2" } as const;

/**
 * The caller's roles, read afresh by every statement: a changed role counts at once. USER has no rows; every person holds
 * it, and so does a system-level service account.
 */
export const heldRoles = `held AS MATERIALIZED (
  SELECT role::text AS role, "workspaceId", "deploymentId" FROM "RoleBinding" WHERE "userId" = ${callerParams.user}
  UNION ALL
  SELECT role::text, "workspaceId", "deploymentId" FROM "RoleBinding" WHERE "serviceAccountId" = ${callerParams.serviceAccount}
  UNION ALL
  SELECT 'USER', NULL, NULL WHERE ${callerParams.user} IS NOT NULL OR EXISTS (
    SELECT 1 FROM "RoleBinding"
    WHERE "serviceAccountId" = ${callerParams.serviceAccount} AND "workspaceId" IS NULL AND "deploymentId" IS NULL)
)`;

/**
 * The rule of auth/authorize.ts as an SQL condition about the row `alias`: true if any of `rights` holds.
 * Uncorrelated subqueries, so PostgreSQL works the caller's side out once per statement.
 */
export function allowed(roles: Roles, rights: readonly Right[], alias: string): string {
  const system = new Set<Role>();
  const conditions = rights.flatMap((right) => {
    if ("caller" in right) return [`${alias}."${right.caller}" = ${callerParams.user}`];
    if ("callerAccount" in right) return [`${alias}."${right.callerAccount}" = ${callerParams.serviceAccount}`];
    if ("through" in right) {
      const { table, theirs, ours, rights: inner } = right.through;
      const there = `${alias}x`;
      return [
        `EXISTS (SELECT 1 FROM "${table}" ${there} WHERE ${there}."${theirs}" = ${alias}."${ours}" AND ${allowed(roles, inner, there)})`,
      ];
    }
    return onPermission(roles, right, alias, system);
  });
  if (system.size > 0) conditions.unshift(`(SELECT EXISTS (SELECT 1 FROM held WHERE role IN (${list(system)})))`);
  return conditions.length === 0 ? "false" : `(${conditions.join(" OR ")})`;
}

function onPermission(
  roles: Roles,
  right: Extract<Right, { permission: Permission }>,
  alias: string,
  system: Set<Role>,
): string[] {
  const holders = [...roles.holding(right.permission)];
  const at = (level: "SYSTEM" | "WORKSPACE" | "DEPLOYMENT") => holders.filter((role) => levelOf(role) === level);
  const when = right.when === undefined ? "" : `${right.when.replaceAll("$row", alias)} AND `;
  const conditions: string[] = [];
  if (when === "") for (const role of at("SYSTEM")) system.add(role);
  else conditions.push(`(${when}(SELECT EXISTS (SELECT 1 FROM held WHERE role IN (${list(at("SYSTEM"))}))))`);
  if (right.permission.startsWith("system.")) return conditions;

  const workspaces = `(SELECT "workspaceId" FROM held WHERE role IN (${list(at("WORKSPACE"))}))`;
  const deployments = `(SELECT "deploymentId" FROM held WHERE role IN (${list(at("DEPLOYMENT"))}))`;
  if (right.deployment !== undefined && right.permission.startsWith("deployment.")) {
    const column = `${alias}."${right.deployment}"`;
    if (at("DEPLOYMENT").length > 0) conditions.push(`(${when}${column} IN ${deployments})`);
    if (at("WORKSPACE").length > 0 && right.workspace === undefined) {
      const parent = `${alias}d`;
      conditions.push(
        `(${when}EXISTS (SELECT 1 FROM "Deployment" ${parent} WHERE ${parent}.id = ${column} AND ${parent}."workspaceId" IN ${workspaces}))`,
      );
    }
  }
  if (right.workspace !== undefined && at("WORKSPACE").length > 0) {
    conditions.push(`(${when}${alias}."${right.workspace}" IN ${workspaces})`);
  }
  return conditions;
}

// An empty list is not valid SQL; '' is nobody's role.
const list = (roles: Iterable<Role>) => [...roles].map((role) => `'${role}'`).join(", ") || "''";
