import type { Context } from "../../access/context.ts";
import { allowsLess } from "../../access/heldRole.ts";
import type { Role } from "../../access/roles.ts";
import { AppError } from "../../platform/errors/appError.ts";

/** Throws FEATURE_DISABLED if users get in by teams only (`userManagement.enabled` is false). */
export function assertUserManagement({ config }: Pick<Context, "config">): void {
  if (config.userManagement.enabled) return;
  throw new AppError(
    "FEATURE_DISABLED",
    "Users get in by teams only: userManagement.enabled is false. Grant a role to one of the user's teams",
  );
}

/** The same for a change of a user's role; one that only takes permissions away is always possible. */
export function assertMayBecome(ctx: Pick<Context, "config" | "roles">, held: Role, role: Role): void {
  const isLower = allowsLess(ctx.roles, role, held) && !allowsLess(ctx.roles, held, role);
  if (!isLower) assertUserManagement(ctx);
}
