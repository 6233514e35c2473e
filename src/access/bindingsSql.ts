import { type Holder, houstonReach, type Level, type Reach } from "./reach.ts";

/** SQL expressions for the caller's ID, one for each possible kind of caller; NULL if the caller is of another kind. */
export type HolderIds = { readonly [holder in Holder]?: string };

/** The role bindings that count for a caller, as FROM and WHERE clauses to be continued; `b` is the role binding. */
export const bindingsOf = (ids: HolderIds, { sources }: Reach = houstonReach): string[] =>
  sources.flatMap(({ holder, column, through }) => {
    const id = ids[holder];
    if (id === undefined) return [];
    if (!through) return [`FROM "RoleBinding" b WHERE b."${column}" = ${id}`];
    const { table, member } = through;
    return [`FROM "${table}" m JOIN "RoleBinding" b ON b."${column}" = m."${column}" WHERE m."${member}" = ${id}`];
  });

/** The CTE `held`: a caller's roles and the columns of their scopes, read in each statement, so changes apply immediately. */
export function heldSql(ids: HolderIds, reach: Reach = houstonReach): string {
  const columns = reach.levels.flatMap(({ stored }) => stored?.column ?? []);
  const bound = bindingsOf(ids, reach).map(
    (from) => `SELECT b.role::text AS role, ${columns.map((column) => `b."${column}"`).join(", ")} ${from}`,
  );
  const implicit = reach.implicit.flatMap(({ role, heldBy }) => {
    const conditions = (Object.keys(heldBy) as Holder[]).flatMap((holder) => {
      const [id, condition] = [ids[holder], heldBy[holder]];
      if (id === undefined || condition === undefined) return [];
      return condition === "everyone" ? [`${id} IS NOT NULL`] : holdsAt(condition, { [holder]: id }, reach);
    });
    if (conditions.length === 0) return [];
    return [`SELECT '${role}', ${columns.map(() => "NULL").join(", ")} WHERE ${conditions.join(" OR ")}`];
  });
  return `held AS MATERIALIZED (\n  ${[...bound, ...implicit].join("\n  UNION ALL\n  ")}\n)`;
}

/** Conditions, at least one of which is true if the caller has a role binding at the level. */
function holdsAt(level: Level, ids: HolderIds, reach: Reach): string[] {
  const at = reach.levels.flatMap(({ name, stored }) => {
    if (!stored) return [];
    // A role binding holds the ID of one scope, or none on the platform.
    if (level === "SYSTEM") return [`b."${stored.column}" IS NULL`];
    return name === level ? [`b."${stored.column}" IS NOT NULL`] : [];
  });
  return bindingsOf(ids, reach).map((from) => `EXISTS (SELECT 1 ${from} AND ${at.join(" AND ")})`);
}
