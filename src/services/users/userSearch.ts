import { z } from "zod";
import type { Column, Table } from "../../platform/database/columns.ts";
import { optional } from "../../platform/input/input.ts";
import type { Also, Some, Where } from "../../query/where.ts";

const Text = optional(z.string("needs a text"));
const Address = optional(z.string("needs an e-mail address").trim().toLowerCase());
// Rows hold milliseconds; a time with more digits means the one it falls into.
const Time = optional(z.string("needs an RFC 3339 time").transform((time) => new Date(time)));

/** Values a user must have, each of them exactly. Missing, null and "" ask for nothing. */
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

/** The condition that a user meets every value of `searches`, and `others`; e-mail addresses in upper or lower case. */
export function usersWhere(searches: readonly UserSearch[], ...others: readonly Also<"User">[]): Where<"User"> {
  const addresses = searches.flatMap(({ email }) => email ?? []);
  return {
    id: theOne(searches.flatMap(({ userId, userUuid }) => [userId ?? [], userUuid ?? []].flat())),
    username: theOne(searches.flatMap(({ username }) => username ?? [])),
    fullName: theOne(searches.flatMap(({ fullName }) => fullName ?? [])),
    createdAt: searches.find(({ createdAt }) => createdAt)?.createdAt,
    updatedAt: searches.find(({ updatedAt }) => updatedAt)?.updatedAt,
    also: [...addresses.map((address) => hasAddress<"User">(address, "id")), ...others],
  };
}

/** The condition on a row whose column `ours` holds a user's id that the user has this address. */
export const hasAddress = <T extends Table>(address: string, ours: Column<T>): Some<T, "Email"> => ({
  table: "Email",
  theirs: "userId",
  ours,
  where: { address },
});

/** What a column must equal to equal all of `values`: nothing does when they differ. */
function theOne(values: readonly string[]): string | readonly string[] | undefined {
  const [first, ...others] = new Set(values);
  return others.length > 0 ? [] : first;
}
