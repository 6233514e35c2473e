import { conflictOn } from "../../platform/errors/conflictOn.ts";

/** The CONFLICT of a label that another Workspace has. */
export const workspaceLabelConflict = (argument: string) =>
  conflictOn(argument, "another Workspace has this label; labels are unique");
