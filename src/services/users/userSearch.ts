import { z } from "zod";
import type { Column, Table } from "../../platform/database/columns.ts";
import { AddressToFind } from "../../platform/input/emailAddress.ts";
import { optional } from "../../platform/input/input.ts";
import type { Also, Some, Where } from "../../query/where.ts";

const Text = optional(z.string("must be a string"));
const Address = optional(AddressToFind);
// Rows have milliseconds; further digits are truncated.
const Time = optional(z.string("must be an RFC 3339 timestamp").transform((time) => new Date(time)));

/** Values a user must match exactly. Omitted ones, null and "" match every user. */
export const UserSearch = z
  .unknown()
  .optional()
  .overwrite((search) => search ?? {})
  .pipe(
    z.object({
      userId: Text,
      userUuid: Text,
      username: Text,
      email: Address,
      fullName: Text,
      createdAt: Time,
      updatedAt: Time,
    }),
  );

export type UserSearch = Partial<z.output<typeof UserSearch>>;

/** The condition that a user matches every value in `searches`; e-mail addresses are case-insensitive. */
export function usersWhere(searches: readonly UserSearch[], ...others: readonly Also<"User">[]): Where<"User"> {
  const addresses = searches.flatMap(({ email }) => email ?? []);
  return {
    id: commonValue(searches.flatMap(({ userId, userUuid }) => [userId ?? [], userUuid ?? []].flat())),
    username: commonValue(searches.flatMap(({ username }) => username ?? [])),
    fullName: commonValue(searches.flatMap(({ fullName }) => fullName ?? [])),
    createdAt: searches.find(({ createdAt }) => createdAt)?.createdAt,
    updatedAt: searches.find(({ updatedAt }) => updatedAt)?.updatedAt,
    also: [...addresses.map((address) => hasAddress<"User">(address, "id")), ...others],
  };
}

/** The condition that a user has this address; `ours` is the column with the user's ID. */
export const hasAddress = <T extends Table>(address: string, ours: Column<T>): Some<T, "Email"> => ({
  table: "Email",
  theirs: "userId",
  ours,
  where: { address },
});

/** The value a column must have to equal all of `values`; an empty list, which nothing matches, if they differ. */
function commonValue(values: readonly string[]): string | readonly string[] | undefined {
  const [first, ...others] = new Set(values);
  return others.length > 0 ? [] : first;
}
