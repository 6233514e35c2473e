import { givenBy } from "../access/authorize.ts";
import type { Permission } from "../access/permissions.ts";
import { type Level, levelOf, type Role, type Roles } from "../access/roles.ts";
import type { CallerSql } from "./callerSql.ts";

/**
 * One way to be allowed something about a row. `workspace` and `deployment` name the row's columns that hold its scope;
 * `of` names a column that must not be null; `caller` and `callerAccount` name a column that holds the caller's own id;
 * `through` asks about related rows.
 */
export type Right =
  | { permission: Permission; workspace?: string; deployment?: string; of?: string }
  | { caller: string }
  | { callerAccount: string }
  | { through: { table: string; theirs: string; ours: string; rights: readonly Right[] }; of?: string };

/** The rule of auth/authorize.ts as SQL, for one set of roles and one way of knowing the caller. */
export interface Rights {
  /**
   * A condition about the row `alias`: true if any of `rights` holds. What concerns the caller alone stands in
   * uncorrelated subqueries, which PostgreSQL works out once per statement.
   */
  allowed(rights: readonly Right[], alias: string): string;
  /**
   * The same for a list that nothing else narrows, as a query for the ids of the rows of `table`: found from the caller's
   * roles by index, and all of them only for a caller whose system roles show all.
   */
  idsAllowed(rights: readonly Right[], table: string): string;
  /**
   * The same about one row only, beside a row of `caller`: looks the caller's roles up by index instead of reading them
   * all, which pays where nothing else in the statement needs them.
   */
  allowedOnce(permissions: readonly Permission[], scope: Scope, alias: string): string;
  /**
   * Conditions that all hold if the caller holds, on the row `alias`, everything that `role` would give there: mayGrant in
   * auth/authorize.ts.
   */
  grantable(role: Role, scope: Scope, alias: string): string[];
}

/** The columns of a row that hold its scope. */
export interface Scope {
  workspace?: string;
  deployment?: string;
}

/** What stands for the id of a caller who is of the other kind. */
export const NOBODY = "NULL::text";

/** `provenRoles`: the statement answers only callers who hold one of these system roles, so what they all allow need not be checked. */
export function rightsSql(roles: Roles, caller: CallerSql, provenRoles: ReadonlySet<Role> = new Set()): Rights {
  const isProven = (right: Right): boolean => {
    if (!("permission" in right) || right.of !== undefined || provenRoles.size === 0) return false;
    const holding = roles.holding(right.permission);
    return [...provenRoles].every((role) => holding.has(role));
  };
  const allowed = (rights: readonly Right[], alias: string): string => {
    if (rights.some(isProven)) return "true";
    // Conditions with the columns that must not be null. Rights that ask the same share one: each subquery costs, even where
    // nothing is found. What holds for all rows alike is asked first.
    const [everywhere, here] = [new Map<string, Columns>(), new Map<string, Columns>()];
    const add = (to: Map<string, Columns>, condition: string, of?: string) =>
      to.set(condition, (to.get(condition) ?? new Set()).add(of));
    for (const right of rights) {
      if ("caller" in right) {
        if (caller.user !== NOBODY) add(here, `${alias}."${right.caller}" = ${caller.user}`);
      } else if ("callerAccount" in right) {
        if (caller.serviceAccount !== NOBODY) add(here, `${alias}."${right.callerAccount}" = ${caller.serviceAccount}`);
      } else if ("through" in right) {
        const { table, theirs, ours, rights: inner } = right.through;
        const there = `${alias}x`;
        const joined = `${there}."${theirs}" = ${alias}."${ours}"`;
        const exists = `EXISTS (SELECT 1 FROM "${table}" ${there} WHERE ${joined} AND ${allowed(inner, there)})`;
        add(here, exists, right.of);
      } else {
        const system = list(holders(roles, right.permission, "SYSTEM").sort());
        if (system !== NO_ROLE) add(everywhere, `EXISTS (SELECT 1 FROM held WHERE role IN (${system}))`, right.of);
        for (const condition of inScope(roles, right, alias)) add(here, condition, right.of);
      }
    }
    const conditions = [...everywhere, ...here].map(([condition, columns]) => unlessNull(columns, alias, condition));
    return conditions.length === 0 ? "false" : `(${conditions.join(" OR ")})`;
  };
  const idsAllowed = (rights: readonly Right[], table: string): string => {
    const everywhere = new Set<Role>();
    const some = rights.flatMap((right) => {
      if (!("permission" in right) || right.of !== undefined) return [allowed([right], "v")];
      for (const role of holders(roles, right.permission, "SYSTEM")) everywhere.add(role);
      return inScope(roles, right, "v");
    });
    return [`EXISTS (SELECT 1 FROM held WHERE role IN (${list(everywhere)}))`, ...some]
      .map((condition) => `SELECT v.id FROM "${table}" v WHERE ${condition}`)
      .join(" UNION ");
  };
  const allowedOnce = (wanted: readonly Permission[], scope: Scope, alias: string): string => {
    const everywhere = systemRoles(roles, wanted);
    // USER has no row to look up.
    if (everywhere.has("USER") || caller.bindings.length === 0) {
      return allowed(
        wanted.map((permission) => ({ permission, ...scope })),
        alias,
      );
    }
    const conditions = new Set(everywhere.size > 0 ? [`b.role IN (${list(everywhere)})`] : []);
    for (const permission of wanted) {
      if (permission.startsWith("system.")) continue;
      const inWorkspace = holders(roles, permission, "WORKSPACE");
      if (scope.workspace && inWorkspace.length > 0) {
        conditions.add(`b."workspaceId" = ${alias}."${scope.workspace}" AND b.role IN (${list(inWorkspace)})`);
      }
      const inDeployment = permission.startsWith("deployment.") ? holders(roles, permission, "DEPLOYMENT") : [];
      if (scope.deployment && inDeployment.length > 0) {
        conditions.add(`b."deploymentId" = ${alias}."${scope.deployment}" AND b.role IN (${list(inDeployment)})`);
      }
    }
    const any = [...conditions].map((condition) => `(${condition})`).join(" OR ") || "false";
    return `(${caller.bindings.map((from) => `EXISTS (SELECT 1 ${from} AND (${any}))`).join(" OR ")})`;
  };
  const grantable = (role: Role, scope: Scope, alias: string): string[] => {
    const given = givenBy(roles, role);
    const hardest = given.filter(
      (permission, n) => !given.some((other, m) => m !== n && implies(other, permission, m < n)),
    );
    return hardest.map((permission) => allowedOnce([permission], scope, alias));
  };
  /** Whoever holds `one` holds `other` too, so that asking about `one` is enough; of two alike the first is asked about. */
  const implies = (one: Permission, other: Permission, first: boolean): boolean => {
    if (one.split(".", 1)[0] !== other.split(".", 1)[0]) return false;
    const [holders, others] = [roles.holding(one), roles.holding(other)];
    return [...holders].every((role) => others.has(role)) && (holders.size < others.size || first);
  };
  return { allowed, idsAllowed, allowedOnce, grantable };
}

/** Columns of which one must not be null; undefined among them asks for none. */
type Columns = Set<string | undefined>;

function unlessNull(columns: Columns, alias: string, condition: string): string {
  if (columns.has(undefined)) return condition;
  const set = [...columns].map((column) => `${alias}."${column}" IS NOT NULL`);
  return `(${set.length > 1 ? `(${set.join(" OR ")})` : set[0]} AND ${condition})`;
}

/**
 * The rights on rows of which exactly one of the columns `subjects` is set, where that one is `known`: what speaks of the
 * others falls away.
 */
export const knowing = (rights: readonly Right[], known: string, subjects: readonly string[]): readonly Right[] =>
  rights.flatMap((right): Right[] => {
    const column = "caller" in right ? right.caller : "callerAccount" in right ? right.callerAccount : undefined;
    if (column !== undefined) return column !== known && subjects.includes(column) ? [] : [right];
    if (!("of" in right) || right.of === undefined) return [right];
    const { of, ...rest } = right;
    return of === known ? [rest] : [];
  });

/** The system roles of which each allows one of the permissions. */
export const systemRoles = (roles: Roles, permissions: readonly Permission[]): ReadonlySet<Role> =>
  new Set(permissions.flatMap((permission) => holders(roles, permission, "SYSTEM")));

const holders = (roles: Roles, permission: Permission, level: Level) =>
  [...roles.holding(permission)].filter((role) => levelOf(role) === level);

/** What the roles on the row's own Workspace and Deployment allow. */
function inScope(
  roles: Roles,
  { permission, workspace, deployment }: Extract<Right, { permission: Permission }>,
  alias: string,
): string[] {
  if (permission.startsWith("system.")) return [];
  const [inWorkspace, inDeployment] = [
    holders(roles, permission, "WORKSPACE"),
    holders(roles, permission, "DEPLOYMENT"),
  ];
  const conditions: string[] = [];
  const workspaces = `(SELECT "workspaceId" FROM held WHERE role IN (${list(inWorkspace)}))`;
  const deployments = `(SELECT "deploymentId" FROM held WHERE role IN (${list(inDeployment)}))`;
  const onDeployment = deployment !== undefined && permission.startsWith("deployment.");
  if (onDeployment && inDeployment.length > 0) conditions.push(`${alias}."${deployment}" IN ${deployments}`);
  if (inWorkspace.length === 0) return conditions;
  if (workspace !== undefined) conditions.push(`${alias}."${workspace}" IN ${workspaces}`);
  // A Deployment knows its Workspace itself; any other row of one is led there.
  if (onDeployment && (workspace === undefined || deployment !== "id")) {
    const parent = `${alias}d`;
    const itsParent = `${parent}.id = ${alias}."${deployment}" AND ${parent}."workspaceId" IN ${workspaces}`;
    conditions.push(`EXISTS (SELECT 1 FROM "Deployment" ${parent} WHERE ${itsParent})`);
  }
  return conditions;
}

// An empty list is not valid SQL; '' is nobody's role.
const NO_ROLE = "''";
const list = (roles: Iterable<Role>) => [...roles].map((role) => `'${role}'`).join(", ") || NO_ROLE;
