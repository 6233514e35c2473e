import { newApiKey } from "../../access/apiKey.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import type { WriteContext } from "../../query/defineWrite.ts";

/** Throws FEATURE_DISABLED while `serviceAccounts.enabled` is false. */
export function assertEnabled({ config }: Pick<WriteContext, "config">): void {
  if (config.serviceAccounts.enabled) return;
  throw new AppError("FEATURE_DISABLED", "Service accounts are disabled: serviceAccounts.enabled is false");
}

/** A new API key, and what is stored of it: its hash, and the characters by which it is recognized. */
export function newKey({ config }: Pick<WriteContext, "config">) {
  const apiKey = newApiKey();
  return { apiKey, keyHash: hashOf(apiKey), keyStart: apiKey.slice(0, config.serviceAccounts.showFirstChars) };
}
