import { houstonReach, type Level, type Reach, type ScopeColumn, type ScopeColumns } from "./reach.ts";
import { idSql, pathsTo } from "./scopePaths.ts";

/** A kind of row that `on` of `@auth` can name: who may call the field depends on its scope. */
export interface ScopeKind {
  /** The noun for such a row in error messages. */
  noun: string;
  table: string;
  /** The columns that hold its scope; enclosing scopes are looked up. */
  scope: ScopeColumns;
  /** The level of every such row; undefined if each row has its own. */
  level?: Level;
  /** Columns other than `id` by which an argument can identify the row, if the argument's name ends with the column's. */
  alsoNamedBy?: readonly string[];
  /** A row with `deletedAt` counts as unknown. */
  softDeleted?: true;
}

/** The kinds of rows that rules name. The guard and the fast path both use them to find rows and their scopes. */
export const scopeKinds = {
  WORKSPACE: {
    noun: "Workspace",
    table: "Workspace",
    scope: { organization: "organizationId", workspace: "id" },
    level: "WORKSPACE",
  },
  DEPLOYMENT: {
    noun: "Deployment",
    table: "Deployment",
    scope: { organization: "organizationId", workspace: "workspaceId", deployment: "id" },
    level: "DEPLOYMENT",
    alsoNamedBy: ["releaseName"],
    softDeleted: true,
  },
  SERVICE_ACCOUNT: {
    noun: "Service account",
    table: "ServiceAccount",
    scope: { organization: "organizationId", workspace: "workspaceId", deployment: "deploymentId" },
  },
  ORGANIZATION: { noun: "Organization", table: "Organization", scope: { organization: "id" }, level: "ORGANIZATION" },
  INVITE: { noun: "Invite", table: "Invite", scope: { workspace: "workspaceId" } },
} as const satisfies Record<string, ScopeKind>;

/** "WORKSPACE", "DEPLOYMENT", … as in the enum AuthScope of schema.graphql. */
export type ScopeKindName = keyof typeof scopeKinds;

/** The column by which an argument identifies a row: `releaseName` for `where.releaseName`. */
export const nameColumn = ({ alsoNamedBy }: ScopeKind, argument: string): string =>
  alsoNamedBy?.find((column) => argument.endsWith(column)) ?? "id";

/** The row `alias` whose column `name` meets the comparison `compared` (`= $1`), as FROM and WHERE clauses to be continued. */
export const rowSql = ({ table, softDeleted }: ScopeKind, alias: string, name: string, compared: string): string =>
  `FROM "${table}" ${alias} WHERE ${alias}."${name}" ${compared}${softDeleted ? ` AND ${alias}."deletedAt" IS NULL` : ""}`;

/** SQL expressions for the IDs of the scopes that contain the row `alias`. */
export function scopeSql(
  { scope }: ScopeKind,
  alias: string,
  reach: Reach = houstonReach,
): { column: ScopeColumn; id: string }[] {
  return reach.levels.flatMap(({ name, stored }) => {
    const ids = pathsTo(reach, name, scope).map((path) => idSql(path, alias));
    if (!stored || ids.length === 0) return [];
    return [{ column: stored.column, id: ids.length === 1 ? `${ids[0]}` : `coalesce(${ids.join(", ")})` }];
  });
}
