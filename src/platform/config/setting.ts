import { z } from "zod";
import { asciiDomain } from "../input/emailAddress.ts";

/** What a setting declares in addition to its type. */
export interface Hints {
  /** Its value never appears in errors, warnings or logs. */
  secret?: boolean;
  /** What is allowed, in words, if the type alone does not say it. */
  allowed?: string;
}

/** The hints of each setting, found by its schema. */
export const hintsOf = z.registry<Hints>();

/** A setting: its type, its default, and its effect for the operator (with units and limits). */
export function setting<T extends z.ZodType>(
  schema: T,
  fallback: z.output<T>,
  description: string,
  hints: Hints = {},
): z.ZodDefault<T> {
  const described = z._default(schema, fallback as never).describe(description);
  hintsOf.add(described, hints);
  return described;
}

/** true or false. */
export const flag = (fallback: boolean, description: string) => setting(z.boolean(), fallback, description);

/** The largest number a setting may have, and the longest delay of a Node timer (24.8 days in milliseconds). */
export const LARGEST = 2_147_483_647;

/** An integer from `min` to `max`. */
export const integer = (fallback: number, description: string, min = 0, max = LARGEST) =>
  setting(z.int().min(min).max(max), fallback, description);

/** A duration in milliseconds, at least 1. */
export const milliseconds = (fallback: number, description: string) => integer(fallback, description, 1);

/** A TCP port. */
export const port = (fallback: number, description: string) => integer(fallback, description, 0, 65_535);

/** A string of at least one character. */
export const text = (fallback: string, description: string, hints?: Hints) =>
  setting(z.string().min(1), fallback, description, hints);

/** A string of at least one character, or null. */
export const optionalText = (description: string, hints?: Hints) =>
  setting(z.string().min(1).nullable(), null, description, hints);

/** A string that matches `pattern`; `allowed` describes the pattern in words. */
export const stringMatching = (pattern: RegExp, allowed: string, fallback: string, description: string) =>
  setting(z.string().regex(pattern, allowed), fallback, description, { allowed });

/** A version such as `4.2.5`, with an optional suffix (`-alpha1`, `+build`). */
export const version = (fallback: string, description: string) =>
  stringMatching(/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/, "a semantic version such as 4.2.5", fallback, description);

/** An e-mail domain, in lower-case ASCII. */
export const Domain = z
  .string()
  .overwrite((domain) => asciiDomain(domain) ?? domain)
  .refine((domain) => asciiDomain(domain) !== undefined, "a domain such as example.com");
