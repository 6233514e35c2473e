import type { Entity } from "../../query/entity.ts";
import { membership } from "./membership.ts";

/**
 * People. Seen by themselves, by system roles, by those who may list the users of something they belong to, and by those who
 * may know of a team that they are in it: the others in it above all.
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
    emails: { many: "Email", theirs: "userId", implied: true },
    profile: { from: ["profile"], make: ({ profile }: { profile: Record<string, unknown> }) => userProps(profile) },
    roleBindings: { many: "RoleBinding", theirs: "userId" },
    teams: {
      many: "Team",
      theirs: "id",
      via: { table: "TeamMember", ours: "userId", to: "teamId", rights: membership },
      implied: true,
    },
  },
};

/** The free-form properties given at sign-up, as the list of UserProp the contract shows. */
const userProps = (profile: Record<string, unknown>) =>
  Object.entries(profile).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? value : JSON.stringify(value),
    category: null,
  }));

/** E-mail addresses. A user's visibility is their addresses' too. */
export const emailEntity: Entity<"Email"> = {
  table: "Email",
  visible: [{ caller: "userId" }, { permission: "system.users.get" }],
  scope: {},
  order: `$row."primary" DESC, $row."createdAt", $row.id`,
  fields: {
    // Tokens travel in mails only; the database holds their hash.
    token: { sql: "NULL::text" },
    user: { one: "User", ours: "userId" },
  },
};
