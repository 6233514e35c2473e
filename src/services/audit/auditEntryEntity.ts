import type { Entity } from "../../query/entity.ts";

/** Entries of the audit log. */
export const auditEntryEntity: Entity<"AuditEntry"> = {
  table: "AuditEntry",
  visible: [
    { permission: "system.auditLog.get" },
    { permission: "workspace.auditLog.get", workspace: "workspaceId", of: "workspaceId" },
  ],
  scope: {},
  order: `$row."createdAt" DESC, $row.id DESC`,
  fields: {},
};
