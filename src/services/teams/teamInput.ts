import { z } from "zod";
import { IdOf, Label, optional } from "../../platform/input/input.ts";

/** The name of a team. */
export const TeamName = Label;

/** Who keeps a team's members; the platform itself where nothing is said. */
export const Provider = optional(z.string("needs a text").trim().min(1, "needs 1 to 80 characters").max(80));

/** The provider of teams whose members are kept here. */
export const LOCAL = "local";

const MAX_IDS = 10_000;

/** Ids of users, each once. Null and missing are undefined. */
export const UserIds = z
  .array(IdOf, "needs a list of ids")
  .max(MAX_IDS, `takes ${MAX_IDS.toLocaleString("en")} ids at most`)
  .nullish()
  .transform((ids) => (ids ? [...new Set(ids)].sort() : undefined));
