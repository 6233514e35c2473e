import { conflictOn } from "../../platform/errors/conflictOn.ts";

/** The CONFLICT for a label that another Workspace has. */
export const workspaceLabelConflict = (argument: string) =>
  conflictOn(argument, "is already in use by another Workspace");
