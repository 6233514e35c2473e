import { z } from "zod";
import { compareVersions } from "./compareVersions.ts";

/** Text that files may omit or leave empty. */
export const optionalString = z
  .string()
  .nullish()
  .transform((text) => text || null);

/** The channel of a version: `stable`, or `deprecated` once it no longer receives fixes. Defaults to `stable`. */
export const Channel = z
  .string()
  .nullish()
  .transform((channel) => channel || "stable");

/** One version in a file. Files of operators may have further properties. */
export const Release = z.object({
  version: z.string().min(1),
  channel: Channel,
  url: optionalString,
  /** What kind of release it is, such as `bug_fix`. */
  level: optionalString,
  description: optionalString,
  /** RFC 3339; 1970-01-01 if the file has no date. */
  releaseDate: z.coerce
    .date()
    .default(new Date(0))
    .transform((date) => date.toISOString()),
});

export type Release = z.output<typeof Release>;

/** Puts the earliest version first. */
export const byVersion = (a: { version: string }, b: { version: string }) => compareVersions(a.version, b.version);
