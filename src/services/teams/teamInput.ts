import { z } from "zod";
import { IdOf, Label, optional } from "../../platform/input/input.ts";

/** The name of a team. */
export const TeamName = Label;

/** The provider of teams whose members are managed in Houston. */
export const LOCAL = "local";

const PROVIDERS = [LOCAL, "okta", "auth0", "microsoft", "ida", "adfs"] as const;

/** Who manages a team's members: Houston itself, or an identity provider. */
export const Provider = optional(z.enum(PROVIDERS, `must be one of ${PROVIDERS.join(", ")}`));

const MAX_IDS = 10_000;

/** IDs of users, without duplicates. null counts as omitted. */
export const UserIds = z
  .array(IdOf, "must be a list of IDs")
  .max(MAX_IDS, `must be a list of at most ${MAX_IDS.toLocaleString("en")} IDs`)
  .nullish()
  .transform((ids) => (ids ? [...new Set(ids)].sort() : undefined));
