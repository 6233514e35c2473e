import type { Entity, Field } from "../../query/entity.ts";
import { membership } from "../users/membership.ts";

/** The members of a team, if the caller may see them. */
const users: Field<"Team"> = {
  many: "User",
  theirs: "id",
  via: { table: "TeamMember", ours: "teamId", to: "userId", rights: membership },
  implied: true,
};

/** Teams. Visible to their members, to system roles, and to callers who may list the teams of a scope the team is in. */
export const teamEntity: Entity<"Team"> = {
  table: "Team",
  visible: [
    { permission: "system.teams.get" },
    { through: { table: "TeamMember", theirs: "teamId", ours: "id", rights: [{ caller: "userId" }] } },
    {
      through: {
        table: "RoleBinding",
        theirs: "teamId",
        ours: "id",
        rights: [
          { permission: "workspace.teams.get", workspace: "workspaceId" },
          { permission: "deployment.teams.get", deployment: "deploymentId" },
        ],
      },
    },
  ],
  scope: {},
  order: `$row."createdAt", $row.id`,
  fields: { users, roleBindings: { many: "RoleBinding", theirs: "teamId" } },
};

/** Teams under their legacy name. */
export const groupEntity: Entity<"Team"> = {
  table: "Team",
  visible: teamEntity.visible,
  scope: {},
  order: teamEntity.order,
  fields: { uuid: { column: "id" }, label: { column: "name" }, users },
};
