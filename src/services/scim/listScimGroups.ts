import { AppError } from "../../platform/errors/appError.ts";
import type { Condition } from "./filterSql.ts";
import type { ShownGroup } from "./groupRow.ts";
import { LIST_PARAMETERS } from "./listScimUsers.ts";
import { preparedQuery } from "./preparedQuery.ts";
import type { ScimContext, ScimPage } from "./scimContext.ts";
import { totalOf } from "./totalOf.ts";

type Reading = Pick<ScimContext, "pool" | "provider">;

/** Members on one page of groups. A page ends earlier than asked for when its groups have more, but has one group. */
const MAX_ON_PAGE = 50_000;

const COLUMNS = `t.id, t.name, t."externalId", t."createdAt", t."updatedAt"`;

/** A page of the provider's teams that meet the condition, whose first parameter is `$4`. Ordered by ID. */
export async function listScimGroups(
  ctx: Reading,
  { condition, skip, take, withMembers }: { condition: Condition; skip: number; take: number; withMembers: boolean },
): Promise<ScimPage<ShownGroup>> {
  const { pool, provider } = ctx;
  const where = `FROM "Team" t WHERE t.provider = $1 AND ${condition.sql}`;
  const values = [provider, skip, take, ...condition.values];
  const count = withMembers ? `(SELECT count(*)::int FROM "TeamMember" m WHERE m."teamId" = t.id)` : "0";
  const rows = await preparedQuery<ShownGroup & { count: number }>(
    pool,
    `SELECT ${COLUMNS}, ${count} AS count ${where} ORDER BY t.id OFFSET $2 LIMIT $3`,
    values,
  );
  const total = await totalOf(pool, { where, values, found: rows.length, skip, take });
  const page = withMembers ? cut(rows) : rows;
  const members = withMembers ? await membersOf(ctx, page) : undefined;
  return {
    total,
    rows: page.map(({ count: _, ...row }) => ({ ...row, members: members && (members.get(row.id) ?? []) })),
  };
}

function cut<Row extends { count: number }>(rows: readonly Row[]): Row[] {
  let sum = 0;
  return rows.filter(({ count }, at) => {
    sum += count;
    return at === 0 || sum <= MAX_ON_PAGE;
  });
}

async function membersOf({ pool, provider }: Reading, groups: readonly { id: string }[]) {
  const { rows } = await pool.query<{ id: string; members: ShownGroup["members"] }>(
    `SELECT m."teamId" AS id, array_agg(m."userId" ORDER BY m."userId") AS members
      FROM "TeamMember" m JOIN "ScimUser" s ON s.provider = $1 AND s."userId" = m."userId"
      WHERE m."teamId" = ANY($2) GROUP BY m."teamId"`,
    [provider, groups.map(({ id }) => id)],
  );
  return new Map(rows.map(({ id, members }) => [id, members]));
}

/** Throws NOT_FOUND unless the provider has such a team. */
export async function getScimGroup(ctx: Reading, id: string, withMembers: boolean): Promise<ShownGroup> {
  const condition = { sql: `t.id = $${LIST_PARAMETERS + 1}::text`, values: [id.includes("\0") ? "" : id] };
  const { rows } = await listScimGroups(ctx, { condition, skip: 0, take: 1, withMembers });
  const [group] = rows;
  if (!group) throw groupUnknown(id);
  return group;
}

export const groupUnknown = (id: string) => new AppError("NOT_FOUND", `There is no group ${id}`);
