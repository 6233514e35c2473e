import { depthOf, type Level, type Reach, type ScopeColumns } from "./reach.ts";

/** A table whose row has the ID found so far, and the column of it that leads on. */
interface Step {
  table: string;
  column: string;
}

/** One way from a row to the ID of a scope that it lies in. */
export interface ScopePath {
  /** The row's own column to start from. */
  column: string;
  /** The level of the scope whose ID it holds. */
  from: Level;
  /** The scopes to pass on the way out to the wanted one; empty if the column holds its ID. */
  steps: readonly Step[];
}

/**
 * The ways from a row to the scope of `level` that it lies in: the row's own column, and through scopes inside that one
 * whose IDs the row holds. A Deployment knows its Workspace itself; for other rows of a Deployment, it must be looked up.
 */
export function pathsTo(reach: Reach, level: Level, row: ScopeColumns): ScopePath[] {
  const inside = reach.levels.slice(depthOf(level, reach));
  if (!inside[0]?.stored) return [];
  const paths: ScopePath[] = [];
  /** From the scope reached so far out to the wanted one. */
  let steps: Step[] = [];
  inside.forEach(({ name, stored }, n) => {
    if (!stored) return;
    const outer = inside[n - 1]?.stored;
    if (outer) steps = [{ table: stored.table, column: outer.column }, ...steps];
    const column = row[stored.key];
    const knowsItself = column === "id" && outer !== undefined && row[outer.key] !== undefined;
    if (column !== undefined && !knowsItself) paths.push({ column, from: name, steps });
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
  const there = `${alias}d`;
  const rest = along(others, there, ownId(step.column, there), test);
  return `EXISTS (SELECT 1 FROM "${step.table}" ${there} WHERE ${there}.id = ${id} AND ${rest})`;
}

const ownId = (column: string, alias: string) => `${alias}."${column}"`;
