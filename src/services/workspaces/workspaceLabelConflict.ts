import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { existing } from "../../query/existing.ts";

/** The CONFLICT for a label that another Workspace has. */
export const workspaceLabelConflict = (argument: string, label: string | undefined) =>
  conflictOn(argument, "is already in use by another Workspace", existing("Workspace", { label }));
