import type { Entity } from "../../query/entity.ts";

/** Open invitations, newest first. Expired ones are not shown. */
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
    // Tokens are only sent by e-mail; the database contains their hashes.
    token: { sql: "NULL::text" },
  },
};
