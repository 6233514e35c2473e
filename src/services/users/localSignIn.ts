import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";

/**
 * Throws FEATURE_DISABLED unless people may sign in with a password. Asked by every way to a token that begins with a
 * password or a mail: with local sign-in off, none of them may go round the identity provider.
 */
export function assertLocalSignIn({ config }: Pick<Context, "config">): void {
  if (config.auth.local.enabled) return;
  throw new AppError("FEATURE_DISABLED", "Signing in with a password is switched off (auth.local.enabled)");
}
