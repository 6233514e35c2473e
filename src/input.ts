import { z } from "zod";

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

/** Clients send null or "" where they mean "not given". */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null || value === "" ? undefined : value), schema.optional());

/** The path of the first text in `value` that holds a NUL character, or undefined. Looks into keys of JSON too. */
export function nulIn(value: unknown, path = ""): string | undefined {
  if (typeof value === "string") return value.includes("\u0000") ? path : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const found = key.includes("\u0000") ? path || "input" : nulIn(part, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
