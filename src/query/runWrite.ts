import type { GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { Context } from "../access/context.ts";
import { Statement } from "../platform/database/statement.ts";
import { knownCaller, knownCallerValues } from "./callerSql.ts";
import { compileData } from "./compile.ts";
import type { WriteDefinition, WriteRequest, WriteStatement } from "./defineWrite.ts";
import type { EntityName } from "./entity.ts";
import { entityOf } from "./entityOf.ts";
import type { CompileOptions } from "./readRequest.ts";
import type { Selected } from "./selection.ts";

/** The guard and the write definition have checked that the caller may write. */
const may = `may AS (SELECT ${knownCaller.actor} AS actor)`;

/** What is read of the written row. */
export interface Reading extends Pick<CompileOptions, "schema" | "complete" | "omitNull"> {
  fields: readonly Selected[];
  /** Reads it by its ID, once it is committed. */
  readAgain(id: string): Promise<unknown>;
}

/**
 * Runs a write for a caller whose permissions have been checked, and returns the selected tree of the written row; null if it
 * wrote none. One statement does both, unless the selection includes rows that the statement adds and therefore cannot see.
 */
export async function runWrite<Name extends EntityName>(
  ctx: Context,
  { fields, readAgain, ...reading }: Reading,
  { entity, statement }: WriteDefinition<Name>,
  request: WriteRequest,
): Promise<unknown> {
  if (needsSecondRead(reading.schema, entity, statement, fields)) {
    const id = await runStatement<string>(ctx, statement, request, () => `(SELECT id FROM ${statement.row})`);
    return id === null ? null : readAgain(id);
  }
  const options = { ...reading, roles: ctx.roles };
  const dataOf = (params: number) => `${writtenData(options, entity, statement, fields, params).data}::json`;
  return runStatement(ctx, statement, request, dataOf);
}

/** SQL for the JSON text of the written row's selected tree. `computed`: fields whose values are parameters. */
export const writtenData = (
  options: CompileOptions,
  entity: EntityName,
  { row, related = {} }: WriteStatement,
  fields: readonly Selected[],
  params: number,
  computed: readonly string[] = [],
) => {
  const written = { row, related, computed };
  return compileData(options, { entity, fields, where: {}, many: false, onlyVisible: false, written }, params);
};

async function runStatement<T>(
  ctx: Context,
  statement: WriteStatement,
  { values }: WriteRequest,
  data: (params: number) => string,
): Promise<T | null> {
  const first = knownCaller.params;
  const { sql, names } = numbered(statement.ctes, first);
  const text = `WITH ${knownCaller.ctes}, ${may}, ${sql} SELECT ${data(first + names.length)} AS data`;
  const caller = knownCallerValues(ctx.caller);
  const prepared = statements.get(text) ?? new Statement(text);
  statements.set(text, prepared);
  const query = prepared.query([...caller, ...names.map((name) => values[name])]);
  const { rows } = await ctx.pool.query<{ data: T | null }>(query);
  prepared.succeeded();
  return rows[0]?.data ?? null;
}

/** Replaces `:name` in CTEs with parameters numbered from `params` + 1; also returns the names in that order. */
export function numbered(ctes: string, params: number): { sql: string; names: readonly string[] } {
  const names: string[] = [];
  const sql = ctes.replaceAll(/(?<!:):([a-zA-Z]+)/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${params + names.indexOf(name) + 1}`;
  });
  return { sql, names };
}

/** Statements that were sent before, by text. */
const statements = new LRUCache<string, Statement>({ max: 500 });

/** True if the selection leads to rows that the statement cannot see: any relation but the columns of `related` rows. */
export const needsSecondRead = (
  schema: GraphQLSchema,
  entity: EntityName,
  { deletes, related }: WriteStatement,
  fields: readonly Selected[],
): boolean => !deletes && fields.some((field) => reachesOut(schema, entity, field, related));

function reachesOut(
  schema: GraphQLSchema,
  entity: EntityName,
  selected: Selected,
  related: WriteStatement["related"] = {},
): boolean {
  const field = entityOf(schema, entity).fields[selected.name];
  if (!field || !("one" in field || "many" in field)) return false;
  if (!("many" in field) || related[field.many] === undefined) return true;
  return selected.fields.some((below) => reachesOut(schema, field.many, below));
}
