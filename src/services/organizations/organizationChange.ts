import { z } from "zod";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { canonicalAddress, EmailAddress } from "../../platform/input/emailAddress.ts";
import { Flag, optional } from "../../platform/input/input.ts";
import { BillingEmail, OrganizationName } from "./organizationInput.ts";

/** The maximum number of people in one call. */
const MAX_PEOPLE = 100;

const PERSON = "must be an e-mail address or the ID of a user";

const isAddress = (text: string) => text.includes("@");

const Person = z
  .string(PERSON)
  .trim()
  .min(1, PERSON)
  .refine((text) => !isAddress(text) || EmailAddress.safeParse(text).success, `${PERSON}, such as name@example.com`);

const People = z
  .array(Person, "must be a list of e-mail addresses and user IDs")
  .max(MAX_PEOPLE, `must be a list of at most ${MAX_PEOPLE} people`)
  .nullish();

const Input = z.object({
  name: optional(OrganizationName),
  billingEmail: optional(BillingEmail),
  addUsers: People,
  removeUsers: People,
  addOwners: People,
  removeOwners: People,
  delete: Flag.nullish(),
});

/** The arguments with lists of people. What adds comes first: an Owner can be replaced in one call. */
export const lists = ["addOwners", "addUsers", "removeOwners", "removeUsers"] as const;

export type List = (typeof lists)[number];

/** Someone named in a list, by address or by ID. */
export interface Named {
  list: List;
  /** Such as `addUsers.0`. */
  argument: string;
  address: string | undefined;
  id: string | undefined;
}

/** What to change about an Organization. */
export interface OrganizationChange {
  data: { name?: string; billingEmail?: string };
  people: readonly Named[];
  delete: boolean;
}

/**
 * Reads the arguments of `updateOrganization`. Throws BAD_USER_INPUT for none, for more than 100 people, for someone who
 * is named twice, and for a deletion with other changes.
 */
export function changeFrom(args: unknown): OrganizationChange {
  const { name, billingEmail, delete: deleted, ...given } = parse(Input, args);
  const data = { ...(name !== undefined && { name }), ...(billingEmail !== undefined && { billingEmail }) };
  const people = lists.flatMap((list) =>
    (given[list] ?? []).map((text, n): Named => {
      const address = isAddress(text) ? canonicalAddress(text) : undefined;
      return { list, argument: `${list}.${n}`, address, id: address === undefined ? text : undefined };
    }),
  );
  const changed = [...Object.keys(data), ...lists.filter((list) => given[list]?.length)];
  if (deleted && changed.length > 0) throw badInput("delete", `cannot be combined with ${changed.join(", ")}`);
  if (!deleted && changed.length === 0)
    throw badInput(`name, billingEmail, ${lists.toSorted().join(", ")}, delete`, "one of them is required");
  if (people.length > MAX_PEOPLE)
    throw badInput(`${people[MAX_PEOPLE]?.argument}`, `a call may name at most ${MAX_PEOPLE} people`);
  assertOnce(people, ({ address, id }) => address ?? id);
  return { data, people, delete: deleted === true };
}

/** Throws BAD_USER_INPUT for two entries with the same key. */
export function assertOnce(people: readonly Named[], keyOf: (person: Named) => string | undefined): void {
  const seen = new Map<string, string>();
  for (const person of people) {
    const key = keyOf(person);
    if (key === undefined) continue;
    const before = seen.get(key);
    if (before !== undefined) throw badInput(person.argument, `is the same person as ${before}`);
    seen.set(key, person.argument);
  }
}
