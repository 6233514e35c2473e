import { z } from "zod";
import { badInput } from "../errors/appError.ts";

/** A label: 1 to 80 characters once surrounding space is gone. */
export const Label = z
  .string("needs a text of 1 to 80 characters")
  .trim()
  .min(1, "needs 1 to 80 characters")
  .max(80, "needs 1 to 80 characters");

/** A description: up to 1,000 characters; null and missing are empty. */
export const Description = z
  .string("needs a text of at most 1,000 characters")
  .trim()
  .max(1000, "needs at most 1,000 characters");

/** An e-mail address, in lower case, at most 254 characters. */
export const EmailAddress = z
  .string("needs an e-mail address")
  .trim()
  .toLowerCase()
  .max(254, "needs an e-mail address of at most 254 characters")
  .pipe(z.email("needs an e-mail address such as name@example.com"));

/** The id of a stored object. */
export const IdOf = z.string("needs an id").min(1, "needs an id");

/**
 * Clients send null or "" where they mean "not given". Not a transform: zod makes a function for each run of one, which V8
 * keeps, with all it sees, until a full collection.
 */
export const optional = <T extends z.ZodType>(schema: T) =>
  z
    .unknown()
    .optional()
    .overwrite((value) => (value === null || value === "" ? undefined : value))
    .pipe(schema.optional());

/** JSON deeper than this is refused: nothing the API takes comes near it. */
const MAX_DEPTH = 32;

/**
 * Throws BAD_USER_INPUT for the first argument that the database could not hold: text with a NUL character or half a
 * surrogate pair, in values or keys, or JSON nested deeper than 32 levels.
 */
export function assertStorable(value: unknown, path = "", depth = 0): void {
  if (typeof value === "string") {
    if (value.includes("\u0000")) throw badInput(path, "must not hold a NUL character");
    if (!value.isWellFormed()) throw badInput(path, "needs valid Unicode; it holds half a surrogate pair");
  }
  if (typeof value !== "object" || value === null) return;
  if (depth > MAX_DEPTH) throw badInput(path.split(".")[0] ?? path, `may be nested ${MAX_DEPTH} levels deep at most`);
  for (const [key, part] of Object.entries(value)) {
    assertStorable(key, path || "input", depth);
    assertStorable(part, path === "" ? key : `${path}.${key}`, depth + 1);
  }
}
