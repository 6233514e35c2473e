import { z } from "zod";
import { badInput } from "../../platform/errors/appError.ts";
import { optional } from "../../platform/input/input.ts";

const printable = /^[^\p{Cc}\p{Cs}]*$/u;
const PLAIN = "must not hold control characters";

/** A name to sign in with: 1 to 254 characters. `ownUsername` says which may hold an @. */
export const Username = z
  .string("needs a text of 1 to 254 characters")
  .trim()
  .min(1, "needs 1 to 254 characters")
  .max(254, "needs 1 to 254 characters")
  .regex(printable, PLAIN);

/** A person's name: at most 200 characters, may be empty. */
export const FullName = z
  .string("needs a text of at most 200 characters")
  .trim()
  .max(200, "needs at most 200 characters")
  .regex(printable, PLAIN);

const VALUE = "needs a text of at most 1,000 characters, a number or a boolean";

// PostgreSQL stores neither NUL nor half a surrogate pair.
const storable = (text: string) => text.isWellFormed() && !text.includes("\0");

const Value = z.union([z.string().max(1000, VALUE).refine(storable, VALUE), z.number(), z.boolean(), z.null()], VALUE);

/**
 * A profile as clients send it: an object of at most 50 texts, numbers and booleans. Comes out as the full name, which is
 * kept for itself, and the rest; null means "not given".
 */
export const Profile = z
  .object({ fullName: optional(FullName) }, "needs an object of texts, numbers and booleans")
  .catchall(Value)
  .refine((profile) => Object.keys(profile).length <= 50, "needs at most 50 values")
  .refine(
    (profile) => Object.keys(profile).every((key) => key.length >= 1 && key.length <= 80 && printable.test(key)),
    "needs names of 1 to 80 characters",
  )
  .transform(({ fullName, ...rest }) => ({
    fullName,
    values: Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as Record<
      string,
      string | number | boolean
    >,
  }));

/**
 * The username to store. One with an @ must be one of the person's own addresses, else BAD_USER_INPUT: sign-in takes both,
 * and nobody may stand in the way of somebody else's address.
 */
export function ownUsername(username: string, addresses: readonly string[], argument: string): string {
  if (!username.includes("@")) return username;
  const address = username.toLowerCase();
  if (!addresses.includes(address)) throw badInput(argument, "may hold an @ only if it is your own e-mail address");
  return address;
}
