import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import type { Also } from "../../query/where.ts";

const One = z.object({ workspaceUuid: IdOf });

const Input = z.object({
  label: optional(z.string()),
  workspaceUuid: optional(z.string()),
  userUuid: optional(z.string()),
});

/** One Workspace by ID. */
export const workspace = defineRead({
  entity: "Workspace",
  many: false,
  toQuery: (args) => ({ where: { id: parse(One, args).workspaceUuid } }),
});

/** The Workspaces the caller may see that match all given values: label, ID, and a user with a role in them. */
export const workspaces = defineRead({
  entity: "Workspace",
  many: true,
  onlyVisible: true,
  toQuery(args) {
    const { label, workspaceUuid: id, userUuid: userId } = parse(Input, args);
    const member: Also<"Workspace"> | undefined =
      userId === undefined ? undefined : { table: "RoleBinding", theirs: "workspaceId", ours: "id", where: { userId } };
    return { where: { id, label, also: [member] } };
  },
});

/** Every Workspace of the platform. */
export const sysWorkspaces = defineRead({ entity: "Workspace", many: true, toQuery: () => ({ where: {} }) });
