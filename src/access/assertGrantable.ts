import { badInput, forbidden } from "../platform/errors/appError.ts";
import { mayGrant, type Scope } from "./authorize.ts";
import type { Context } from "./context.ts";
import { type Level, levelOf, type Role, roleDefinitions } from "./roles.ts";

/**
 * Throws unless `role` fits `level` (BAD_USER_INPUT naming the roles that do) and the caller holds, on `scope`,
 * everything the role would give (FORBIDDEN): nobody grants what they do not hold.
 */
export function assertGrantable(ctx: Context, role: Role, level: Level, scope: Scope, argument = "role"): void {
  assertFits(role, level, argument);
  if (!mayGrant(ctx.roles, ctx.caller, role, scope)) throw forbidden();
}

/** Throws BAD_USER_INPUT, naming the roles that do, unless `role` fits `level`. */
export function assertFits(role: Role, level: Level, argument = "role"): void {
  if (levelOf(role) === level && role !== "USER") return;
  const fitting = (Object.keys(roleDefinitions) as Role[]).filter((one) => levelOf(one) === level && one !== "USER");
  throw badInput(argument, `${role} does not fit a ${nounOf[level]}; allowed are ${fitting.join(", ")}`);
}

const nounOf: Record<Level, string> = { SYSTEM: "system role", WORKSPACE: "Workspace", DEPLOYMENT: "Deployment" };
