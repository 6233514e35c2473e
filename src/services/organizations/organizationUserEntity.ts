import type { Entity, Joins } from "../../query/entity.ts";

const user: Joins = { user: { table: "User", id: `$row."userId"` } };

/** The role on an Organization as the alpha API names it. */
export const roleName = (role: string) =>
  `CASE ${role}::text WHEN 'ORGANIZATION_OWNER' THEN 'Owner' WHEN 'ORGANIZATION_USER' THEN 'User' ELSE 'Router' END`;

/** The people of an Organization: role bindings of users. Reached only through their Organization. */
export const organizationUserEntity: Entity<"RoleBinding"> = {
  table: "RoleBinding",
  visible: [{ caller: "userId" }, { permission: "organization.users.get", organization: "organizationId" }],
  where: `$row."organizationId" IS NOT NULL AND $row."userId" IS NOT NULL`,
  scope: { organization: "organizationId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    id: { column: "userId" },
    username: { sql: `$user."username"`, joins: user },
    fullName: { sql: `$user."fullName"`, joins: user },
    email: {
      // The address that was named when the person was added.
      sql: `coalesce($row."namedAddress", (SELECT e.address FROM "Email" e WHERE e."userId" = $row."userId"
        ORDER BY e."primary" DESC, e."createdAt", e.id LIMIT 1))`,
    },
    role: { sql: roleName(`$row.role`) },
    status: { sql: `$user.status::text`, joins: user },
  },
};
