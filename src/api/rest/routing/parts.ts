import { z } from "zod";
import type { Column, Table } from "../../../platform/database/columns.ts";
import type { CountedPage } from "../../../query/countedPage.ts";
import type { Joins } from "../../../query/entity.ts";

/** Maximum and default number of rows in one page, as in the contract. */
const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 20;

const OFFSET = "must be a whole number of at least 0";
const LIMIT = `must be a whole number from 0 to ${MAX_LIMIT}`;

const sortKeys = ["createdAt", "name", "updatedAt"] as const;
const sorts = ["createdAt:asc", "createdAt:desc", "name:asc", "name:desc", "updatedAt:asc", "updatedAt:desc"] as const;

/** A list of strings in a query. */
export const Strings = z.array(z.string("must be a string"));

/** The query parameters of every list. */
export const Paging = {
  offset: z.int(OFFSET).min(0, OFFSET).default(0).describe("The number of rows to skip."),
  limit: z
    .int(LIMIT)
    .min(0, LIMIT)
    .max(MAX_LIMIT, LIMIT)
    .default(DEFAULT_LIMIT)
    .describe("The maximum number of rows; 0 for their number alone."),
  sorts: z
    .array(z.enum(sorts, `must be one of ${sorts.join(", ")}`))
    .optional()
    .describe("The order of the rows, most significant first. Without it, the oldest come first."),
};

/** The members of every answer of a list. */
export const PageInfo = { totalCount: z.int(), offset: z.int(), limit: z.int() };

interface GivenPage {
  offset: number;
  limit: number;
  sorts?: (typeof sorts)[number][] | undefined;
}

/** The page for the parameters. `columns`: the columns behind the names in `sorts`. */
export function pageOf<T extends Table>(
  key: string,
  { offset, limit, sorts: given }: GivenPage,
  columns: { readonly [name in (typeof sortKeys)[number]]: Column<T> },
): CountedPage<T> {
  const directions = new Map<(typeof sortKeys)[number], string>();
  for (const sort of given?.length ? given : ["createdAt:asc"]) {
    const [name, direction] = sort.split(":") as [(typeof sortKeys)[number], string];
    // Another direction for the same column changes nothing, and would be another statement.
    if (!directions.has(name)) directions.set(name, direction);
  }
  const order = [...directions].map(([name, direction]) => ({
    column: columns[name],
    descending: direction === "desc",
  }));
  return { key, take: limit, skip: offset, order };
}

/** Who made or changed something: a user, or a service account as the API token it is used as. */
export const Subject = z
  .strictObject({
    id: z.string(),
    subjectType: z.enum(["SERVICEKEY", "USER"]).optional(),
    username: z.string().optional(),
    fullName: z.string().optional(),
    avatarUrl: z.string().optional(),
    apiTokenName: z.string().optional(),
  })
  .meta({ id: "BasicSubjectProfile" });

/**
 * The subject in a column with "user:<id>" or "serviceAccount:<id>". One that was deleted since keeps its ID; what the
 * platform itself made is by "houston".
 */
export const subjectIn = (column: "createdBy" | "updatedBy"): { json: string; joins: Joins } => {
  const id = `split_part($row."${column}", ':', 2)`;
  const user = `$${column}`;
  return {
    json: `CASE
    WHEN ${user}.id IS NOT NULL THEN '{"subjectType":"USER","id":"' || ${user}.id || '","username":' ||
      to_json(${user}.username)::text || ',"fullName":' || to_json(${user}."fullName")::text || '}'
    WHEN $row."${column}" LIKE 'user:%' THEN '{"subjectType":"USER","id":' || to_json(${id})::text || '}'
    WHEN $row."${column}" LIKE 'serviceAccount:%' THEN '{"subjectType":"SERVICEKEY","id":' || to_json(${id})::text ||
      coalesce((SELECT ',"apiTokenName":' || to_json(a.label)::text FROM "ServiceAccount" a WHERE a.id = ${id}), '') || '}'
    ELSE '{"id":"houston"}' END`,
    // No user has the ID of a service account.
    joins: { [column]: { table: "User", id } },
  };
};

/** The time at which a row was created or changed. */
export const Time = z.iso.datetime();
