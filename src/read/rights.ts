import type { Permission } from "../auth/permissions.ts";
import { type Level, levelOf, type Role, type Roles } from "../auth/roles.ts";
import type { CallerSql } from "./caller.ts";

/**
 * One way to be allowed something about a row. `workspace` and `deployment` name the row's columns that hold its scope;
 * `when` is an SQL condition on the row that must hold too; `caller` and `callerAccount` name a column that holds the
 * caller's own id; `through` asks about related rows.
 */
export type Right =
  | { permission: Permission; workspace?: string; deployment?: string; when?: string }
  | { caller: string }
  | { callerAccount: string }
  | { through: { table: string; theirs: string; ours: string; rights: readonly Right[] } };

/** The rule of auth/authorize.ts as SQL, for one set of roles and one way of knowing the caller. */
export interface Rights {
  /**
   * A condition about the row `alias`: true if any of `rights` holds. What concerns the caller alone stands in
   * uncorrelated subqueries, which PostgreSQL works out once per statement.
   */
  allowed(rights: readonly Right[], alias: string): string;
}

export function rightsSql(roles: Roles, caller: CallerSql): Rights {
  const allowed = (rights: readonly Right[], alias: string): string => {
    const system = new Set<Role>();
    const conditions = rights.flatMap((right) => {
      if ("caller" in right) return [`${alias}."${right.caller}" = ${caller.user}`];
      if ("callerAccount" in right) return [`${alias}."${right.callerAccount}" = ${caller.serviceAccount}`];
      if (!("through" in right)) return onPermission(roles, right, alias, system);
      const { table, theirs, ours, rights: inner } = right.through;
      const there = `${alias}x`;
      const joined = `${there}."${theirs}" = ${alias}."${ours}"`;
      return [`EXISTS (SELECT 1 FROM "${table}" ${there} WHERE ${joined} AND ${allowed(inner, there)})`];
    });
    if (system.size > 0) conditions.unshift(inSystem(system));
    return conditions.length === 0 ? "false" : `(${conditions.join(" OR ")})`;
  };
  return { allowed };
}

const inSystem = (roles: Iterable<Role>) => `(SELECT EXISTS (SELECT 1 FROM held WHERE role IN (${list(roles)})))`;

function onPermission(
  roles: Roles,
  { permission, workspace, deployment, when }: Extract<Right, { permission: Permission }>,
  alias: string,
  system: Set<Role>,
): string[] {
  const holders = [...roles.holding(permission)];
  const at = (level: Level) => holders.filter((role) => levelOf(role) === level);
  const [everywhere, inWorkspace, inDeployment] = [at("SYSTEM"), at("WORKSPACE"), at("DEPLOYMENT")];
  const conditions: string[] = [];
  if (when === undefined) for (const role of everywhere) system.add(role);
  else if (everywhere.length > 0) conditions.push(inSystem(everywhere));

  const workspaces = `(SELECT "workspaceId" FROM held WHERE role IN (${list(inWorkspace)}))`;
  const deployments = `(SELECT "deploymentId" FROM held WHERE role IN (${list(inDeployment)}))`;
  const onDeployment = deployment !== undefined && permission.startsWith("deployment.");
  if (onDeployment && inDeployment.length > 0) conditions.push(`${alias}."${deployment}" IN ${deployments}`);
  if (inWorkspace.length > 0 && !permission.startsWith("system.")) {
    if (workspace !== undefined) conditions.push(`${alias}."${workspace}" IN ${workspaces}`);
    if (onDeployment) {
      const parent = `${alias}d`;
      const itsParent = `${parent}.id = ${alias}."${deployment}" AND ${parent}."workspaceId" IN ${workspaces}`;
      // A row that knows its Deployment's Workspace itself needs no look at the Deployment.
      if (workspace === undefined || deployment !== "id") {
        conditions.push(`EXISTS (SELECT 1 FROM "Deployment" ${parent} WHERE ${itsParent})`);
      }
    }
  }
  if (when === undefined) return conditions;
  return conditions.map((condition) => `(${when.replaceAll("$row", alias)} AND ${condition})`);
}

// An empty list is not valid SQL; '' is nobody's role.
const list = (roles: Iterable<Role>) => [...roles].map((role) => `'${role}'`).join(", ") || "''";
