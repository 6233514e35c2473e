import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import type { Right } from "../../query/rights.ts";

const Input = z.object({ orgId: optional(z.string()), userId: optional(z.string()) });

/** Who may know that a user holds a role in an Organization, as rights on the role binding. */
const membership: readonly Right<"RoleBinding">[] = [
  { caller: "userId" },
  { permission: "system.users.get" },
  { permission: "organization.users.get", organization: "organizationId" },
];

/**
 * The Organizations that the caller may see: all, one by ID, or those in which a user holds a role that the caller may
 * know of.
 */
export const organizations = defineRead({
  entity: "Organization",
  many: true,
  onlyVisible: true,
  toQuery: (args) => {
    const { orgId: id, userId } = parse(Input, args);
    const held = userId
      ? ({ table: "RoleBinding", theirs: "organizationId", ours: "id", where: { userId }, rights: membership } as const)
      : undefined;
    return { where: { id, also: [held] } };
  },
});
