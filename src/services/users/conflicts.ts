import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { existing } from "../../query/existing.ts";

/** The CONFLICT for a username that another user has. */
export const usernameConflict = (argument: string, username?: string) =>
  conflictOn(argument, "is already in use by another user", existing("User", { username }));

/** The CONFLICT for an address that another user has. */
export const emailConflict = conflictOn("email", "a user with this e-mail address already exists");
