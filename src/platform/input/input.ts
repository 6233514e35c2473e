import { z } from "zod";
import { isVisibleOrEmoji, VISIBLE } from "./visible.ts";

export { EmailAddress } from "./emailAddress.ts";

/** A label of 1 to `max` characters after trimming, all of which can be seen. */
export const labelOf = (max: number) => {
  const LABEL = `must be a string of 1 to ${max} characters`;
  // Zod reports the length, but goes on; finding emoji in a long text takes too long.
  const canBeSeen = (text: string) => text.length > max || isVisibleOrEmoji(text);
  return z.string(LABEL).trim().min(1, LABEL).max(max, LABEL).refine(canBeSeen, VISIBLE);
};

/** A label: 1 to 80 characters. */
export const Label = labelOf(80);

const DESCRIPTION = "must be a string of at most 1,000 characters";

/** A description: at most 1,000 characters. */
export const Description = z.string(DESCRIPTION).trim().max(1000, DESCRIPTION);

/** True or false. */
export const Flag = z.boolean("must be true or false");

/** One of the values. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(", ")}`);

/** ID of a stored object. */
export const IdOf = z.string("must be an ID").min(1, "is required");

/**
 * Makes an argument optional: null and "" count as omitted, because clients send them. Not a transform: zod creates a
 * closure for each run of one, which V8 keeps, with everything it references, until a full garbage collection.
 */
export const optional = <T extends z.ZodType>(schema: T) =>
  z
    .unknown()
    .optional()
    .overwrite((value) => (value === null || value === "" ? undefined : value))
    .pipe(schema.optional());

const TIME = "must be an RFC 3339 timestamp such as 2026-11-21T06:43:42.383Z";

/** An optional point in time. */
export const Time = optional(z.iso.datetime({ offset: true, error: TIME }).transform((time) => new Date(time)));
