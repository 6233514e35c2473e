import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";

/**
 * Throws FEATURE_DISABLED unless users may sign in with a password. Called by every operation that issues a token for a
 * password or an e-mail token, because with local sign-in disabled none of them may bypass the identity provider.
 */
export function assertLocalSignIn({ config }: Pick<Context, "config">): void {
  if (config.auth.local.enabled) return;
  throw new AppError("FEATURE_DISABLED", "Sign-in with a password is disabled: auth.local.enabled is false");
}
