import type { Role } from "../generated/prisma/enums.ts";
import type { Column } from "../platform/database/columns.ts";

/** The level of a scope, and of the roles that are held there. */
export type Level = "SYSTEM" | "ORGANIZATION" | "WORKSPACE" | "DEPLOYMENT";

/** The columns of a role binding that hold the ID of its scope. All null: the platform. */
export type ScopeColumn = "organizationId" | "workspaceId" | "deploymentId";

/** The columns of a row that hold its scope; a Deployment's are `{ workspace: "workspaceId", deployment: "id" }`. */
export interface ScopeColumns {
  organization?: Column;
  workspace?: Column;
  deployment?: Column;
}

/** Who can hold roles: a user or a service account. */
export type Holder = "user" | "serviceAccount";

/** How the scopes of a level are stored. */
export interface StoredScope {
  /** The table whose rows are the scopes. */
  table: string;
  /** The column with the ID of such a scope, in role bindings and in the rows of the next level. */
  column: ScopeColumn;
  /** Where entities and rights name the column of their own table that holds this ID. */
  key: keyof ScopeColumns;
}

/** A level of scopes. Its roles and permissions start with its name: `WORKSPACE_ADMIN`, `workspace.config.get`. */
export interface LevelRule {
  name: Level;
  /** The role that some user must hold in every scope of this level. */
  admin: Role;
  /** Undefined for the platform: it is one scope, without a row. */
  stored?: StoredScope;
}

/** Role bindings that count for a caller: those whose `column` is the caller's ID. */
export interface BindingSource {
  holder: Holder;
  column: string;
  /** Or those whose `column` equals the column of the same name in a row of `table` whose `member` is the caller's ID. */
  through?: { table: string; member: string };
}

/** A role without rows: held by everyone of a kind, or by those who hold a role at a level. */
export interface ImplicitRole {
  role: Role;
  heldBy: { [holder in Holder]?: "everyone" | Level };
}

/** Which roles a caller holds and which scopes they apply to. */
export interface Reach {
  /**
   * From the outside in: each scope belongs to one of the previous level. A role applies to its own scope and to everything in
   * it, and gives permissions of its own level and of the levels inside: `system.*` needs a system role.
   */
  levels: readonly LevelRule[];
  /** A role → roles whose permissions it also gives, as far as they apply at the level of those roles. */
  actsAs: { readonly [role in Role]?: readonly Role[] };
  sources: readonly BindingSource[];
  implicit: readonly ImplicitRole[];
}

/**
 * Houston's rule. `createRoles`, `authorize` and every SQL statement about permissions are derived from it, so they
 * cannot disagree. Functions that take a `Reach` use this one unless a test passes another.
 */
export const houstonReach: Reach = {
  levels: [
    { name: "SYSTEM", admin: "SYSTEM_ADMIN" },
    {
      name: "ORGANIZATION",
      admin: "ORGANIZATION_OWNER",
      stored: { table: "Organization", column: "organizationId", key: "organization" },
    },
    {
      name: "WORKSPACE",
      admin: "WORKSPACE_ADMIN",
      stored: { table: "Workspace", column: "workspaceId", key: "workspace" },
    },
    {
      name: "DEPLOYMENT",
      admin: "DEPLOYMENT_ADMIN",
      stored: { table: "Deployment", column: "deploymentId", key: "deployment" },
    },
  ],
  // The Owner of an Organization does not act as admin of its Workspaces: docs/decisions/0011-alpha-api.md.
  actsAs: { WORKSPACE_ADMIN: ["DEPLOYMENT_ADMIN"] },
  sources: [
    { holder: "user", column: "userId" },
    { holder: "user", column: "teamId", through: { table: "TeamMember", member: "userId" } },
    { holder: "serviceAccount", column: "serviceAccountId" },
  ],
  // Without rows, because a row could be lost.
  implicit: [{ role: "USER", heldBy: { user: "everyone", serviceAccount: "SYSTEM" } }],
};

/** The rule of a level. */
export function ruleOf(level: Level, { levels }: Reach = houstonReach): LevelRule {
  const rule = levels.find(({ name }) => name === level);
  if (!rule) throw new Error(`Unknown level: ${level}`);
  return rule;
}

/** The position of a level, counted from the outside. */
export const depthOf = (level: Level, reach: Reach): number => reach.levels.indexOf(ruleOf(level, reach));

/** The column with the ID of a scope of this level; undefined for the platform. */
export const columnOf = (level: Level, reach: Reach = houstonReach): ScopeColumn | undefined =>
  ruleOf(level, reach).stored?.column;

/** `levelOf("WORKSPACE_ADMIN")` is "WORKSPACE". USER is a system role. */
export const levelOf = (role: Role, { levels }: Reach = houstonReach): Level =>
  levels.find(({ name }) => role.startsWith(name))?.name ?? "SYSTEM";

/** The level of a permission: its first part. */
export const levelOfPermission = (permission: string, { levels }: Reach): Level =>
  levels.find(({ name }) => permission.startsWith(`${name.toLowerCase()}.`))?.name ?? "SYSTEM";

/** The level of a scope: the innermost of which it holds an ID. */
export const levelOfScope = (
  scope: { readonly [column in ScopeColumn]?: string | null },
  { levels }: Reach = houstonReach,
): Level => levels.findLast(({ stored }) => stored && scope[stored.column])?.name ?? "SYSTEM";

/** True if holding `role` somewhere can give `permission` at all, whatever configuration adds to the role. */
export const canGive = (role: Role, permission: string, reach: Reach): boolean =>
  depthOf(levelOf(role, reach), reach) <= depthOf(levelOfPermission(permission, reach), reach);

/** True for the roles of which each scope must keep one. */
export const isAdmin = (role: Role, { levels }: Reach = houstonReach): boolean =>
  levels.some(({ admin }) => admin === role);

/** True for a role that callers hold without a role binding. It cannot be granted. */
export const isImplicit = (role: Role, { implicit }: Reach = houstonReach): boolean =>
  implicit.some((one) => one.role === role);
