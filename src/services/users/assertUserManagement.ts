import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";

/** Throws FEATURE_DISABLED if users are only managed by an identity provider (`userManagement.enabled` is false). */
export function assertUserManagement({ config }: Pick<Context, "config">): void {
  if (config.userManagement.enabled) return;
  throw new AppError("FEATURE_DISABLED", "Users are managed by an identity provider: userManagement.enabled is false");
}
