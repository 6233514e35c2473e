import { AppError } from "../../platform/errors/appError.ts";
import type { Condition } from "./filterSql.ts";
import { preparedQuery } from "./preparedQuery.ts";
import type { ScimContext, ScimPage } from "./scimContext.ts";
import { totalOf } from "./totalOf.ts";
import type { Membership, ScimUserRow } from "./userRow.ts";

/** A user as SCIM shows one. */
export type ShownUser = ScimUserRow & { groups: Membership[] };

const GROUPS = `coalesce((SELECT json_agg(json_build_object('value', g.id, 'display', g.name) ORDER BY g.id)
  FROM "TeamMember" m JOIN "Team" g ON g.id = m."teamId" WHERE m."userId" = s."userId" AND g.provider = s.provider), '[]')`;

const COLUMNS = `s."userId", s."userName", s."externalId", s.active, s.attributes, s."createdAt", s."updatedAt"`;

type Reading = Pick<ScimContext, "pool" | "reads" | "provider">;

/** What to list: `isLookup` if an index finds the few rows that meet the condition. */
export interface UserQuery {
  condition: Condition;
  isLookup: boolean;
  skip: number;
  take: number;
  withGroups: boolean;
}

/** A page of the provider's users that meet the condition, whose first parameter is `$4`. Ordered by ID. */
export async function listScimUsers(
  { pool, reads, provider }: Reading,
  { condition, isLookup, skip, take, withGroups }: UserQuery,
): Promise<ScimPage<ShownUser>> {
  // Statements that are sent together end together: a long one would hold up those of everybody.
  const runner = isLookup ? reads : pool;
  const where = `FROM "ScimUser" s WHERE s.provider = $1 AND ${condition.sql}`;
  const groups = withGroups ? GROUPS : "'[]'::json";
  const values = [provider, skip, take, ...condition.values];
  const rows = await preparedQuery<ShownUser>(
    runner,
    `SELECT ${COLUMNS}, ${groups} AS groups ${where} ORDER BY s."userId" OFFSET $2 LIMIT $3`,
    values,
  );
  return { total: await totalOf(runner, { where, values, found: rows.length, skip, take }), rows };
}

/** The parameters of `listScimUsers` before those of its condition. */
export const LIST_PARAMETERS = 3;

/** Throws NOT_FOUND unless the provider has such a user. */
export async function getScimUser(ctx: Reading, id: string): Promise<ShownUser> {
  const condition = { sql: `s."userId" = $${LIST_PARAMETERS + 1}::text`, values: [id.includes("\0") ? "" : id] };
  const { rows } = await listScimUsers(ctx, { condition, isLookup: true, skip: 0, take: 1, withGroups: true });
  const [user] = rows;
  if (!user) throw userUnknown(id);
  return user;
}

export const userUnknown = (id: string) => new AppError("NOT_FOUND", `There is no user ${id}`);
