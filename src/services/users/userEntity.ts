import type { Entity } from "../../query/entity.ts";
import { membership } from "./membership.ts";

/**
 * Users. Visible to themselves, to system roles, to callers who may list the users of a scope they belong to, and to
 * callers who may see the members of one of their teams, such as the other members.
 */
export const userEntity: Entity<"User"> = {
  table: "User",
  visible: [
    { caller: "id" },
    { permission: "system.users.get" },
    {
      through: {
        table: "RoleBinding",
        theirs: "userId",
        ours: "id",
        rights: [
          { permission: "workspace.users.get", workspace: "workspaceId" },
          { permission: "deployment.users.get", deployment: "deploymentId" },
        ],
      },
    },
    { through: { table: "TeamMember", theirs: "userId", ours: "id", rights: membership } },
  ],
  scope: {},
  order: `$row."createdAt", $row.id`,
  fields: {
    uuid: { column: "id" },
    emails: { many: "Email", theirs: "userId" },
    // Others who share a Workspace have no use for what it may contain.
    profile: {
      from: ["profile"],
      shownTo: [{ caller: "id" }, { permission: "system.users.get" }],
      make: ({ profile }: { profile: Record<string, unknown> }) => userProps(profile),
    },
    roleBindings: { many: "RoleBinding", theirs: "userId" },
    teams: {
      many: "Team",
      theirs: "id",
      via: { table: "TeamMember", ours: "userId", to: "teamId", rights: membership },
      implied: true,
    },
  },
};

/** The free-form profile as a list of UserProp. */
const userProps = (profile: Record<string, unknown>) =>
  Object.entries(profile).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? value : JSON.stringify(value),
    category: null,
  }));

/**
 * E-mail addresses. Visible to their user, to system roles, and, of a user with a role in a scope, the one that was
 * named there to callers who may list the scope's users.
 */
export const emailEntity: Entity<"Email"> = {
  table: "Email",
  visible: [
    { caller: "userId" },
    { permission: "system.users.get" },
    {
      through: {
        table: "RoleBinding",
        theirs: "namedAddress",
        ours: "address",
        rights: [
          { permission: "workspace.users.get", workspace: "workspaceId" },
          { permission: "deployment.users.get", deployment: "deploymentId" },
        ],
      },
    },
  ],
  scope: {},
  order: `$row."primary" DESC, $row."createdAt", $row.id`,
  fields: {
    // Tokens are only sent by e-mail; the database contains their hashes.
    token: { sql: "NULL::text" },
    user: { one: "User", ours: "userId" },
  },
};
