import { z } from "zod";
import { IdOf, Label, optional } from "../../platform/input/input.ts";

/** The name of a team. */
export const TeamName = Label;

const PROVIDER = "must be a string of 1 to 80 characters";

/** Who manages a team's members; by default, the platform itself. */
export const Provider = optional(z.string(PROVIDER).trim().min(1, PROVIDER).max(80, PROVIDER));

/** The provider of teams whose members are managed in Houston. */
export const LOCAL = "local";

const MAX_IDS = 10_000;

/** IDs of users, without duplicates. null counts as omitted. */
export const UserIds = z
  .array(IdOf, "must be a list of IDs")
  .max(MAX_IDS, `must be a list of at most ${MAX_IDS.toLocaleString("en")} IDs`)
  .nullish()
  .transform((ids) => (ids ? [...new Set(ids)].sort() : undefined));
