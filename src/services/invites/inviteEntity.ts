import type { Entity } from "../../query/entity.ts";

/** Open invitations by mail: one that is too old is as good as gone. The newest first. */
export const inviteEntity: Entity<"Invite"> = {
  table: "Invite",
  where: `$row."expiresAt" > (now() AT TIME ZONE 'utc')`,
  visible: [{ permission: "system.invites.get" }, { permission: "workspace.invites.get", workspace: "workspaceId" }],
  scope: { workspace: "workspaceId" },
  order: `$row."createdAt" DESC, $row.id DESC`,
  fields: {
    uuid: { column: "id" },
    assignments: {
      sql: `json_build_object('workspaceId', $row."workspaceId", 'role', $row.role, 'deploymentRoles', $row."deploymentRoles")::text`,
    },
    // Tokens travel in mails only; the database holds their hash.
    token: { sql: "NULL::text" },
  },
};
