import { z } from "zod";
import { badInput } from "../../platform/errors/appError.ts";
import { addressToFind } from "../../platform/input/emailAddress.ts";
import { optional } from "../../platform/input/input.ts";
import { isVisible, VISIBLE } from "../../platform/input/visible.ts";
import { usernameKey } from "./usernameKey.ts";

const printable = /^[^\p{Cc}\p{Cs}]*$/u;
const PLAIN = "must not contain control characters";

const USERNAME = "must be a string of 1 to 254 characters";

// One compatibility character may stand for 18 others, and an index entry has a limit.
const fitsIndex = (username: string) => usernameKey(username).length <= 508;

/** A name to sign in with: 1 to 254 visible characters. `ownUsername` checks whether it may contain an @. */
export const Username = z
  .string(USERNAME)
  .trim()
  .normalize("NFC")
  .min(1, USERNAME)
  .max(254, USERNAME)
  .refine(isVisible, VISIBLE)
  .refine(fitsIndex, USERNAME);

const FULL_NAME = "must be a string of at most 200 characters";

/** A user's full name: at most 200 characters, may be empty. */
export const FullName = z.string(FULL_NAME).trim().max(200, FULL_NAME).regex(printable, PLAIN);

const VALUE = "must be a string of at most 1,000 characters, a number or a boolean";

// PostgreSQL stores neither NUL nor unpaired surrogates.
const storable = (text: string) => text.isWellFormed() && !text.includes("\0");

const Value = z.union([z.string().max(1000, VALUE).refine(storable, VALUE), z.number(), z.boolean(), z.null()], VALUE);

/**
 * A profile as clients send it: an object of at most 50 strings, numbers and booleans. Parsed into the full name, which
 * is stored separately, and the other values; null values are omitted.
 */
export const Profile = z
  .object({ fullName: optional(FullName) }, "must be an object of strings, numbers and booleans")
  .catchall(Value)
  .refine((profile) => Object.keys(profile).length <= 50, "must be an object of at most 50 values")
  .refine(
    (profile) => Object.keys(profile).every((key) => key.length >= 1 && key.length <= 80 && printable.test(key)),
    "must be an object with keys of 1 to 80 printable characters",
  )
  .transform(({ fullName, ...rest }) => ({
    fullName,
    values: Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as Record<
      string,
      string | number | boolean
    >,
  }));

/**
 * The username to store. Throws BAD_USER_INPUT for one with an @ that is not one of the user's own addresses: sign-in
 * accepts both, and a username must not block someone else's address.
 */
export function ownUsername(username: string, addresses: readonly string[], argument: string): string {
  // Some other characters stand for an @, too.
  if (!username.normalize("NFKC").includes("@")) return username;
  const address = addressToFind(username);
  if (!addresses.includes(address)) throw badInput(argument, "may only contain an @ if it is your own e-mail address");
  return address;
}
