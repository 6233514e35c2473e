import { badInput, forbidden } from "../platform/errors/appError.ts";
import { mayGrant, type Scope } from "./authorize.ts";
import type { Context } from "./context.ts";
import { isImplicit, type Level, levelOf } from "./reach.ts";
import { type Role, roleDefinitions } from "./roles.ts";

/**
 * Throws unless `role` belongs to `level` (BAD_USER_INPUT with the roles that do) and the caller holds, on `scope`,
 * everything that the role would give (FORBIDDEN): nobody grants what they do not hold.
 */
export function assertGrantable(ctx: Context, role: Role, level: Level, scope: Scope, argument = "role"): void {
  assertFits(role, level, argument);
  if (!mayGrant(ctx.roles, ctx.caller, role, scope)) throw forbidden();
}

/** Throws BAD_USER_INPUT with the roles that can be granted at `level`, unless `role` is one of them. */
export function assertFits(role: Role, level: Level, argument = "role"): void {
  const fits = (one: Role) => levelOf(one) === level && !isImplicit(one);
  if (fits(role)) return;
  const fitting = (Object.keys(roleDefinitions) as Role[]).filter(fits);
  throw badInput(argument, `${role} does not fit a ${nounOf[level]}; allowed are ${fitting.join(", ")}`);
}

const nounOf: Record<Level, string> = { SYSTEM: "system role", WORKSPACE: "Workspace", DEPLOYMENT: "Deployment" };
