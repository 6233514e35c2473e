import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";

/** Throws FEATURE_DISABLED where an identity provider alone says who is a user (`userManagement.enabled` is false). */
export function assertUserManagement({ config }: Pick<Context, "config">): void {
  if (config.userManagement.enabled) return;
  throw new AppError("FEATURE_DISABLED", "Users are not managed here: userManagement.enabled is false");
}
