import { badInput } from "../../platform/errors/appError.ts";
import { Time } from "../../platform/input/input.ts";
import type { WriteContext } from "../../query/defineWrite.ts";

/** The argument `expiresAt` of what issues a key. */
export const ExpiresAt = Time;

const DAY = 86_400_000;

/**
 * When a new key expires: at the time that was asked for, or after the life of `before`, which it replaces, or never; with
 * `serviceAccounts.maxKeyDays`, after that at the latest. Throws BAD_USER_INPUT for a time that has passed, or is later
 * than the setting allows. The limit is about keys to be issued: those from before it was set go on as they are, so that
 * turning it on stops no pipeline overnight.
 */
export function expiryOf(
  { config, now }: Pick<WriteContext, "config" | "now">,
  asked: Date | undefined,
  before: { keyCreatedAt: Date; expiresAt: Date | null } | undefined = undefined,
): Date | null {
  const { maxKeyDays } = config.serviceAccounts;
  const from = now().getTime();
  const last = maxKeyDays === 0 ? undefined : from + maxKeyDays * DAY;
  if (asked !== undefined) {
    if (asked.getTime() <= from) throw badInput("expiresAt", "must be in the future");
    if (last !== undefined && asked.getTime() > last)
      throw badInput("expiresAt", `must be within ${maxKeyDays} days from now (serviceAccounts.maxKeyDays)`);
    return asked;
  }
  if (last !== undefined) return new Date(last);
  return before?.expiresAt ? new Date(from + before.expiresAt.getTime() - before.keyCreatedAt.getTime()) : null;
}
