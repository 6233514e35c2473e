import { depthOf, type Level, type Reach, type ScopeColumns } from "./reach.ts";

/** Looks up a row of `table` by the previous ID and continues with the ID in its `column`. */
interface Step {
  table: string;
  column: string;
}

/** One path from a row to the ID of a scope that contains it. */
export interface ScopePath {
  /** The row's own column to start from. */
  column: string;
  /** The level of the scope whose ID it holds. */
  from: Level;
  /** The lookups that lead outward to the requested scope; empty if the column holds its ID. */
  steps: readonly Step[];
}

/**
 * The paths from a row to the scope of `level` that contains it: the row's own column, and through inner scopes whose IDs
 * the row holds. A Deployment has a column for its Workspace; for other rows of a Deployment, it must be looked up.
 */
export function pathsTo(reach: Reach, level: Level, row: ScopeColumns): ScopePath[] {
  const inside = reach.levels.slice(depthOf(level, reach));
  if (!inside[0]?.stored) return [];
  const paths: ScopePath[] = [];
  /** From the scope reached so far to the requested one. */
  let steps: Step[] = [];
  inside.forEach(({ name, stored }, n) => {
    if (!stored) return;
    const outer = inside[n - 1]?.stored;
    if (outer) steps = [{ table: stored.table, column: outer.column }, ...steps];
    const column = row[stored.key];
    const hasOuterColumn = column === "id" && outer !== undefined && row[outer.key] !== undefined;
    if (column !== undefined && !hasOuterColumn) paths.push({ column, from: name, steps });
  });
  return paths;
}

/** The ID at the end of a path from the row `alias`, as an SQL expression. */
export const idSql = ({ column, steps }: ScopePath, alias: string): string =>
  steps.reduce(
    (id, step) => `(SELECT s."${step.column}" FROM "${step.table}" s WHERE s.id = ${id})`,
    ownId(column, alias),
  );

/** The SQL condition that `test` holds for the ID at the end of a path from the row `alias`. */
export const whereSql = ({ column, steps }: ScopePath, alias: string, test: (id: string) => string): string =>
  along(steps, alias, ownId(column, alias), test);

function along([step, ...others]: readonly Step[], alias: string, id: string, test: (id: string) => string): string {
  if (!step) return test(id);
  const related = `${alias}d`;
  const rest = along(others, related, ownId(step.column, related), test);
  return `EXISTS (SELECT 1 FROM "${step.table}" ${related} WHERE ${related}.id = ${id} AND ${rest})`;
}

const ownId = (column: string, alias: string) => `${alias}."${column}"`;

/** The ID of the Organization that the migration made, which owns what GraphQL creates. Everyone belongs to it. */
export const DEFAULT_ORGANIZATION = "clorgdefault0000000000000";

/**
 * The SQL condition that the caller belongs to the Organization with the ID: they hold a role on it or in a scope of it, or it is
 * the default one, to which everyone belongs. For statements with the CTE `held` (bindingsSql.ts).
 */
export function memberSql(id: string, { levels }: Reach): string {
  const holding = levels.flatMap(({ name, stored }) => {
    if (!stored) return [];
    if (name === "ORGANIZATION") return [`EXISTS (SELECT 1 FROM held h WHERE h."${stored.column}" = ${id})`];
    return [
      `EXISTS (SELECT 1 FROM held h JOIN "${stored.table}" m ON m.id = h."${stored.column}" WHERE m."organizationId" = ${id})`,
    ];
  });
  const isDefault = `${id} = '${DEFAULT_ORGANIZATION}'`;
  return `(${[isDefault, ...holding].join(" OR ")})`;
}
