import { createHash } from "node:crypto";
import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { settledCaller } from "./caller.ts";
import { compileData, type Making } from "./compile.ts";
import { entities } from "./entities.ts";
import type { EntityName } from "./entity.ts";
import { readOne, type Tree } from "./read.ts";
import { type Selected, selectionOf } from "./selection.ts";
import type { WriteQuestion, WriteStatement, Writing } from "./writing.ts";

/** A settled caller may write: the guard and the use case have said so. */
const may = `may AS (SELECT ${settledCaller.actor} AS actor)`;

/**
 * Runs a write for a settled caller and answers the tree selected of its row; null when it wrote no row. One statement
 * does both, unless the selection reaches for rows that the same statement adds and therefore cannot see.
 */
export async function answerWritten(
  ctx: Context,
  info: GraphQLResolveInfo,
  { entity, statement }: Writing,
  question: WriteQuestion,
): Promise<Tree | null> {
  const fields = selectionOf(info);
  if (cannotSee(entity, statement, fields)) {
    const id = await run<string>(ctx, statement, question, () => `(SELECT id FROM ${statement.row})`);
    return id === null ? null : readOne(ctx, info, entity, { id });
  }
  const making = { schema: info.schema, roles: ctx.roles };
  const dataOf = (params: number) => `${writtenData(making, entity, statement, fields, params).data}::json`;
  return run<Tree>(ctx, statement, question, dataOf);
}

/** The answer's tree of what `statement` has written, as an SQL expression for its JSON text. `made` names fields given as values. */
export const writtenData = (
  making: Making,
  entity: EntityName,
  { row, related = {} }: WriteStatement,
  fields: readonly Selected[],
  params: number,
  made: readonly string[] = [],
) => {
  const written = { row, related, made };
  return compileData(making, { entity, fields, where: {}, many: false, onlyVisible: false, written }, params);
};

async function run<T>(
  ctx: Context,
  statement: WriteStatement,
  { values }: WriteQuestion,
  data: (params: number) => string,
): Promise<T | null> {
  const first = settledCaller.params;
  const { sql, names } = numbered(statement.ctes, first);
  const text = `WITH ${settledCaller.ctes}, ${may}, ${sql} SELECT ${data(first + names.length)} AS data`;
  const { kind, id } = ctx.caller;
  const caller = [kind === "user" ? id : null, kind === "serviceAccount" ? id : null];
  const { rows } = await ctx.pool.query<{ data: T | null }>({
    ...prepared(text),
    values: [...caller, ...names.map((name) => values[name])],
  });
  return rows[0]?.data ?? null;
}

/** CTEs with numbered parameters that follow `params` others, and the names of their values in that order. */
export function numbered(ctes: string, params: number): { sql: string; names: readonly string[] } {
  const names: string[] = [];
  const sql = ctes.replaceAll(/(?<!:):([a-zA-Z]+)/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${params + names.indexOf(name) + 1}`;
  });
  return { sql, names };
}

/** Statements that were sent before, by text. */
const sent = new Map<string, string>();
const MAX_SENT = 500;

/** Names a statement once it comes again, so that one sent once leaves nothing in the database session. */
function prepared(text: string): { text: string; name?: string } {
  const name = sent.get(text);
  if (name !== undefined) return { text, name };
  if (sent.size >= MAX_SENT) sent.clear();
  sent.set(text, createHash("sha1").update(text).digest("base64url"));
  return { text };
}

/** True if the fields of a new row lead to rows that its statement cannot see: any but the related ones' own columns. */
export const cannotSee = (
  entity: EntityName,
  { deletes, related }: WriteStatement,
  fields: readonly Selected[],
): boolean => !deletes && fields.some((field) => reachesOut(entity, field, related));

function reachesOut(entity: EntityName, selected: Selected, related: WriteStatement["related"] = {}): boolean {
  const field = entities[entity].fields[selected.name];
  if (!field || !("one" in field || "many" in field)) return false;
  if (!("many" in field) || related[field.many] === undefined) return true;
  return selected.fields.some((below) => reachesOut(field.many, below));
}
