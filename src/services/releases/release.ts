import { z } from "zod";
import { compareVersions } from "./compareVersions.ts";

const told = z
  .string()
  .nullish()
  .transform((text) => text || null);

/** The channel of a version: `stable`, or `deprecated` once it gets no more fixes. */
export const Channel = z.string().default("stable");

/** What a file tells about one version. Files that operators have may hold more. */
export const Release = z.object({
  version: z.string().min(1),
  channel: Channel,
  url: told,
  /** What kind of release it is, such as `bug_fix`. */
  level: told,
  description: told,
  /** RFC 3339; the start of 1970 where the file does not say. */
  releaseDate: z.coerce
    .date()
    .default(new Date(0))
    .transform((date) => date.toISOString()),
});

export type Release = z.output<typeof Release>;

/** Puts the earliest version first. */
export const byVersion = (a: { version: string }, b: { version: string }) => compareVersions(a.version, b.version);
