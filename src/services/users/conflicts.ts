import { conflictOn } from "../../platform/errors/conflictOn.ts";

/** The CONFLICT of a username that another user has. */
export const usernameConflict = (argument: string) =>
  conflictOn(argument, "another user has this username; choose another one");

/** The CONFLICT of an address that another user has. */
export const emailConflict = conflictOn("email", "a user with this e-mail address exists already");
