import { givenBy } from "../access/authorize.ts";
import type { Permission } from "../access/permissions.ts";
import { depthOf, isImplicit, levelOfPermission, type ScopeColumn, type ScopeColumns } from "../access/reach.ts";
import { type Level, levelOf, type Role, type Roles } from "../access/roles.ts";
import { memberSql, pathsTo, whereSql } from "../access/scopePaths.ts";
import type { Column, Table } from "../platform/database/columns.ts";
import type { CallerSql } from "./callerSql.ts";

/**
 * A condition under which a caller is allowed something on a row of a table. `organization`, `workspace` and `deployment`
 * name the row's columns that hold its scope; `of` names a column that must not be null; `caller` and `callerAccount` name a column that
 * holds the caller's own ID; `through` checks rights on related rows.
 */
export type Right<T extends Table = Table> =
  | {
      permission: Permission;
      organization?: Column<T>;
      workspace?: Column<T>;
      deployment?: Column<T>;
      of?: Column<T>;
    }
  | { caller: Column<T> }
  | { callerAccount: Column<T> }
  /** Callers who hold a role in a scope that belongs to the Organization in the column; everyone for the default one. */
  | { memberOf: Column<T> }
  | { through: { [Related in Table]: Through<T, Related> }[Table]; of?: Column<T> };

interface Through<T extends Table, Related extends Table> {
  table: Related;
  theirs: Column<Related>;
  ours: Column<T>;
  rights: readonly Right<Related>[];
}

/** The rule of access/reach.ts as SQL, for one set of roles and one way of finding the caller. */
export interface Rights {
  /**
   * A condition on the row `alias`: true if any of `rights` holds. What concerns only the caller is in uncorrelated
   * subqueries, which PostgreSQL computes once per statement.
   */
  allowed(rights: readonly Right[], alias: string): string;
  /**
   * The same for a list without other conditions, as a query for the IDs of the rows of `table`: found by index from the
   * caller's roles, or all of them if the caller's system roles allow it.
   */
  idsAllowed(rights: readonly Right[], table: string): string;
  /** The two parts of `idsAllowed`: the condition that all rows are allowed, and the query for those allowed one by one. */
  allowedAll(rights: readonly Right[]): string;
  idsAllowedInScope(rights: readonly Right[], table: string): string;
  /**
   * The same for a single row, next to a row of `caller`: looks up the caller's roles by index instead of reading them
   * all, which is faster if nothing else in the statement needs them.
   */
  allowedOnce(permissions: readonly Permission[], scope: ScopeColumns, alias: string): string;
  /**
   * Conditions that all hold if the caller holds, on the row `alias`, everything that `role` would give there: the SQL of
   * `mayGrant` in access/authorize.ts.
   */
  grantable(role: Role, scope: ScopeColumns, alias: string): string[];
}

/** The SQL for the ID of a caller of the other kind. */
export const NOBODY = "NULL::text";

/**
 * Compiles rights to SQL. `provenRoles`: the statement returns something only to callers who hold one of these system roles,
 * so it need not check what all of them allow.
 */
export function rightsSql(roles: Roles, caller: CallerSql, provenRoles: ReadonlySet<Role> = new Set()): Rights {
  const isProven = (right: Right): boolean => {
    if (!("permission" in right) || right.of !== undefined || provenRoles.size === 0) return false;
    const holding = roles.holding(right.permission);
    return [...provenRoles].every((role) => holding.has(role));
  };
  const allowed = (rights: readonly Right[], alias: string): string => {
    if (rights.some(isProven)) return "true";
    // Conditions with the columns that must not be null. Equal conditions share one, because every subquery has a cost even
    // if it finds nothing. Conditions that are the same for all rows are checked first.
    const [everywhere, perRow] = [new Map<string, Columns>(), new Map<string, Columns>()];
    const add = (to: Map<string, Columns>, condition: string, of?: string) =>
      to.set(condition, (to.get(condition) ?? new Set()).add(of));
    for (const right of rights) {
      if ("caller" in right) {
        if (caller.user !== NOBODY) add(perRow, `${alias}."${right.caller}" = ${caller.user}`);
      } else if ("callerAccount" in right) {
        if (caller.serviceAccount !== NOBODY)
          add(perRow, `${alias}."${right.callerAccount}" = ${caller.serviceAccount}`);
      } else if ("memberOf" in right) {
        add(perRow, memberSql(`${alias}."${right.memberOf}"`, roles.reach));
      } else if ("through" in right) {
        const { table, theirs, ours, rights: inner } = right.through;
        const related = `${alias}x`;
        const joined = `${related}."${theirs}" = ${alias}."${ours}"`;
        const exists = `EXISTS (SELECT 1 FROM "${table}" ${related} WHERE ${joined} AND ${allowed(inner, related)})`;
        add(perRow, exists, right.of);
      } else {
        const system = list(holders(roles, right.permission, "SYSTEM").sort());
        if (system !== NO_ROLE) add(everywhere, `EXISTS (SELECT 1 FROM held WHERE role IN (${system}))`, right.of);
        for (const condition of inScope(roles, right, alias)) add(perRow, condition, right.of);
      }
    }
    const conditions = [...everywhere, ...perRow].map(([condition, columns]) => unlessNull(columns, alias, condition));
    return conditions.length === 0 ? "false" : `(${conditions.join(" OR ")})`;
  };
  const isForAll = (right: Right) => "permission" in right && right.of === undefined;
  const allowedAll = (rights: readonly Right[]): string => {
    const everywhere = rights.flatMap((right) =>
      "permission" in right && isForAll(right) ? holders(roles, right.permission, "SYSTEM") : [],
    );
    return `EXISTS (SELECT 1 FROM held WHERE role IN (${list(new Set(everywhere))}))`;
  };
  const idsAllowedInScope = (rights: readonly Right[], table: string): string => {
    const some = rights.flatMap((right) =>
      "permission" in right && isForAll(right) ? inScope(roles, right, "v") : [allowed([right], "v")],
    );
    return idsWhere(table, some.length > 0 ? some : ["false"]);
  };
  const idsAllowed = (rights: readonly Right[], table: string): string =>
    `${idsWhere(table, [allowedAll(rights)])} UNION ${idsAllowedInScope(rights, table)}`;
  const allowedOnce = (wanted: readonly Permission[], scope: ScopeColumns, alias: string): string => {
    const everywhere = systemRoles(roles, wanted);
    // An implicit role has no role binding to look up.
    if ([...everywhere].some((role) => isImplicit(role, roles.reach)) || caller.bindings.length === 0) {
      return allowed(
        wanted.map((permission) => ({ permission, ...scope })),
        alias,
      );
    }
    const conditions = new Set(everywhere.size > 0 ? [`b.role IN (${list(everywhere)})`] : []);
    for (const permission of wanted) {
      for (const { column, among, where } of ways(roles, permission, scope, alias)) {
        conditions.add(where((id) => `b."${column}" = ${id} AND b.role IN (${list(among)})`));
      }
    }
    const any = [...conditions].map((condition) => `(${condition})`).join(" OR ") || "false";
    return `(${caller.bindings.map((from) => `EXISTS (SELECT 1 ${from} AND (${any}))`).join(" OR ")})`;
  };
  const grantable = (role: Role, scope: ScopeColumns, alias: string): string[] => {
    const given = givenBy(roles, role);
    const sufficient = given.filter(
      (permission, n) => !given.some((other, m) => m !== n && implies(other, permission, m < n)),
    );
    return sufficient.map((permission) => allowedOnce([permission], scope, alias));
  };
  /** A caller with `one` also has `other`, so checking `one` is enough; of two equivalent permissions, the first is checked. */
  const implies = (one: Permission, other: Permission, first: boolean): boolean => {
    if (one.split(".", 1)[0] !== other.split(".", 1)[0]) return false;
    const [holders, others] = [roles.holding(one), roles.holding(other)];
    return [...holders].every((role) => others.has(role)) && (holders.size < others.size || first);
  };
  return { allowed, idsAllowed, allowedAll, idsAllowedInScope, allowedOnce, grantable };
}

/** A query for the IDs of the rows `v` that meet one of the conditions. */
const idsWhere = (table: string, conditions: readonly string[]) =>
  conditions.map((condition) => `SELECT v.id FROM "${table}" v WHERE ${condition}`).join(" UNION ");

/** Columns, at least one of which must not be null; if undefined is among them, there is no such condition. */
type Columns = Set<string | undefined>;

function unlessNull(columns: Columns, alias: string, condition: string): string {
  if (columns.has(undefined)) return condition;
  const set = [...columns].map((column) => `${alias}."${column}" IS NOT NULL`);
  return `(${set.length > 1 ? `(${set.join(" OR ")})` : set[0]} AND ${condition})`;
}

/**
 * The rights on rows of which exactly one of the columns `subjects` is set, if it is the column `known`: omits the rights
 * about the other columns.
 */
export const knowing = (rights: readonly Right[], known: string, subjects: readonly string[]): readonly Right[] =>
  rights.flatMap((right): Right[] => {
    const column = "caller" in right ? right.caller : "callerAccount" in right ? right.callerAccount : undefined;
    if (column !== undefined) return column !== known && subjects.includes(column) ? [] : [right];
    if (!("of" in right) || right.of === undefined) return [right];
    const { of, ...rest } = right;
    return of === known ? [rest] : [];
  });

/** The system roles that each allow one of the permissions. */
export const systemRoles = (roles: Roles, permissions: readonly Permission[]): ReadonlySet<Role> =>
  new Set(permissions.flatMap((permission) => holders(roles, permission, "SYSTEM")));

const holders = (roles: Roles, permission: Permission, level: Level) =>
  [...roles.holding(permission)].filter((role) => levelOf(role, roles.reach) === level);

/** A way in which roles below the platform can give a permission on a row. */
interface Way {
  /** The column of role bindings with the ID of the scope on which the role is held. */
  column: ScopeColumn;
  /** The roles that give the permission there. */
  among: readonly Role[];
  /** The condition that `test` is true for the ID of the scope of that level that contains the row. */
  where(test: (id: string) => string): string;
}

/** Every such way, innermost first, because a row's own columns are cheaper to check than those of its enclosing scopes. */
function ways(roles: Roles, permission: Permission, row: ScopeColumns, alias: string): Way[] {
  const { reach } = roles;
  return reach.levels.toReversed().flatMap(({ name, stored }) => {
    const among = holders(roles, permission, name);
    if (!stored || among.length === 0) return [];
    // Permissions of a Workspace are about the Workspace's own rows, so they do not show rows inside its Deployments.
    const innermost = depthOf(levelOfPermission(permission, reach), reach);
    return pathsTo(reach, name, row)
      .filter(({ from }) => depthOf(from, reach) <= innermost)
      .map((path) => ({ column: stored.column, among, where: (test) => whereSql(path, alias, test) }));
  });
}

/** The conditions for roles on the scopes that contain the row. */
const inScope = (roles: Roles, { permission, ...row }: Extract<Right, { permission: Permission }>, alias: string) =>
  ways(roles, permission, row, alias).map(({ column, among, where }) => {
    const ids = `(SELECT "${column}" FROM held WHERE role IN (${list(among)}))`;
    return where((id) => `${id} IN ${ids}`);
  });

// An empty list is not valid SQL, and no role is named ''.
const NO_ROLE = "''";
const list = (roles: Iterable<Role>) => [...roles].map((role) => `'${role}'`).join(", ") || NO_ROLE;
