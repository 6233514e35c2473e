import { badInput, forbidden } from "../platform/errors/appError.ts";
import { authorize, givenBy, mayGrant, type Scope } from "./authorize.ts";
import type { Context } from "./context.ts";
import { isImplicit, type Level, levelOf } from "./reach.ts";
import { roleDefinitions } from "./roleDefinitions.ts";
import type { Role } from "./roles.ts";

/**
 * Throws unless `role` belongs to `level` (BAD_USER_INPUT listing the roles that do) and the caller holds, on `scope`,
 * every permission that the role would give (FORBIDDEN): callers cannot grant permissions that they lack.
 */
export function assertGrantable(ctx: Context, role: Role, level: Level, scope: Scope, argument = "role"): void {
  assertFits(role, level, argument);
  const { roles, caller } = ctx;
  if (mayGrant(roles, caller, role, scope)) return;
  // Unlike elsewhere, all of these are required.
  throw forbidden(givenBy(roles, role).filter((permission) => !authorize(roles, caller, [permission], scope)));
}

/** Throws BAD_USER_INPUT, listing the roles that can be granted at `level`, unless `role` is one of them. */
export function assertFits(role: Role, level: Level, argument = "role"): void {
  const isAllowed = (candidate: Role) => levelOf(candidate) === level && !isImplicit(candidate);
  if (isAllowed(role)) return;
  const allowed = (Object.keys(roleDefinitions) as Role[]).filter(isAllowed);
  throw badInput(argument, `${role} cannot be granted on ${nounOf[level]}; must be one of ${allowed.join(", ")}`);
}

const nounOf: Record<Level, string> = {
  SYSTEM: "the platform",
  ORGANIZATION: "an Organization",
  WORKSPACE: "a Workspace",
  DEPLOYMENT: "a Deployment",
};
