import { groupType, userType } from "../../services/scim/attributes.ts";
import type { ShownGroup } from "../../services/scim/groupRow.ts";
import type { ShownUser } from "../../services/scim/listScimUsers.ts";
import { resourceOf } from "../../services/scim/userRow.ts";

const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/** A user as clients read it, at the base URL of its provider. */
export function renderUser(base: string, user: ShownUser): Record<string, unknown> {
  const resource = resourceOf(user);
  const extensions = userType.extensions.map(({ id }) => id).filter((id) => id in resource);
  const groups = user.groups.map(({ value, display }) => ({
    ...{ value, display, $ref: `${base}/Groups/${value}`, type: "direct" },
  }));
  return {
    schemas: [userType.core.id, ...extensions],
    id: user.userId,
    ...resource,
    ...(groups.length > 0 && { groups }),
    meta: metaOf(`${base}/Users/${user.userId}`, "User", user),
  };
}

/** A group as clients read it. Its members are left out if they were not read. */
export function renderGroup(base: string, group: ShownGroup): Record<string, unknown> {
  const { id, name, externalId, members } = group;
  return {
    schemas: [groupType.core.id],
    ...{ id, ...(externalId !== null && { externalId }), displayName: name },
    ...(members && { members: members.map((value) => ({ value, $ref: `${base}/Users/${value}`, type: "User" })) }),
    meta: metaOf(`${base}/Groups/${id}`, "Group", group),
  };
}

const metaOf = (location: string, resourceType: string, row: { createdAt: Date; updatedAt: Date }) => ({
  resourceType,
  created: row.createdAt.toISOString(),
  lastModified: row.updatedAt.toISOString(),
  location,
});

/** A page of a list. */
export const listOf = (resources: readonly object[], { total, startIndex }: { total: number; startIndex: number }) => ({
  schemas: [LIST],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
