import type { Context } from "../../access/context.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { LOCAL } from "./teamInput.ts";

/** Throws FEATURE_DISABLED if there are no local teams (`auth.local.teams.enabled` is false). */
export function assertLocalTeams({ config }: Pick<Context, "config">): void {
  if (config.auth.local.teams.enabled) return;
  throw new AppError(
    "FEATURE_DISABLED",
    "Teams come from an identity provider only: auth.local.teams.enabled is false",
  );
}

/**
 * Throws unless the members of teams of `provider` are changed in Houston: BAD_USER_INPUT, naming the argument that
 * would change them, for an identity provider, and FEATURE_DISABLED if there are no local teams.
 */
export function assertMembersByHand(ctx: Pick<Context, "config">, provider: string, argument: string): void {
  if (provider === LOCAL) assertLocalTeams(ctx);
  else throw badInput(argument, `must be omitted: the members of this team come from its provider ${provider}`);
}
