import { z } from "zod";
import { parse } from "../errors.ts";
import { IdOf, optional } from "../input.ts";
import { reading } from "../read/reading.ts";

const One = z.object({ workspaceUuid: IdOf });

const Input = z.object({
  label: optional(z.string()),
  workspaceUuid: optional(z.string()),
  userUuid: optional(z.string()),
});

/** One Workspace by id. */
export const workspace = reading({
  entity: "Workspace",
  many: false,
  ask: (args) => ({ where: { id: parse(One, args).workspaceUuid } }),
});

/** The Workspaces the caller may see, narrowed by label, id or a user who has a role in them; all given values must hold. */
export const workspaces = reading({
  entity: "Workspace",
  many: true,
  onlyVisible: true,
  ask(args) {
    const { label, workspaceUuid: id, userUuid: userId } = parse(Input, args);
    const member =
      userId === undefined ? undefined : { table: "RoleBinding", theirs: "workspaceId", ours: "id", where: { userId } };
    return { where: { id, label, member } };
  },
});

/** Every Workspace of the platform. */
export const sysWorkspaces = reading({ entity: "Workspace", many: true, ask: () => ({ where: {} }) });
