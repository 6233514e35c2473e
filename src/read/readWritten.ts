import { createHash } from "node:crypto";
import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { Prisma } from "../generated/prisma/client.ts";
import { settledCaller } from "./caller.ts";
import { compileData } from "./compile.ts";
import { entities } from "./entities.ts";
import type { EntityName } from "./entity.ts";
import { readOne, type Tree } from "./read.ts";
import { type Selected, selectionOf } from "./selection.ts";

/** A write as the CTEs of one statement, and the CTE that holds the written row whole (RETURNING *). */
export interface Written {
  ctes: Prisma.Sql;
  row: string;
  /** CTEs that hold, whole, all rows of another table that belong to a new row. */
  related?: { readonly [name in EntityName]?: string };
  /** The row is gone afterwards. What belongs to it is still read: a statement sees what was there when it began. */
  deletes?: boolean;
}

/** How a use case has its statement run. True if it wrote a row. */
export type Write = (ctx: Context, written: Written) => Promise<boolean>;

/** Runs a write for its effect alone. */
export const execute: Write = async (ctx, { ctes, row }) => {
  const rows = await ctx.db.$queryRaw<unknown[]>(Prisma.sql`WITH ${ctes} SELECT id FROM ${Prisma.raw(row)}`);
  return rows.length > 0;
};

/** Has a mutation's write answer its selection as well, where one statement can do both. */
export function answering(ctx: Context, info: GraphQLResolveInfo, entity: EntityName) {
  let tree: Tree | null | undefined;
  const write: Write = async (_, written) => {
    tree = await readWritten(ctx, info, entity, written);
    return tree === undefined ? execute(ctx, written) : tree !== null;
  };
  return { write, answer: async (id: string) => tree ?? readOne(ctx, info, entity, { id }) };
}

/**
 * Runs a write and answers the tree selected of its row, in one statement; null when it wrote no row. Undefined, with
 * nothing written, when the selection reaches for rows that the same statement adds and therefore cannot see.
 */
async function readWritten(
  ctx: Context,
  info: GraphQLResolveInfo,
  entity: EntityName,
  { ctes, row, related = {}, deletes = false }: Written,
): Promise<Tree | null | undefined> {
  const fields = selectionOf(info);
  if (!deletes && fields.some((field) => reachesOut(entity, field, related))) return undefined;
  const first = settledCaller.params;
  const write = ctes.strings.reduce((sql, part, n) => `${sql}$${first + n}${part}`);
  const making = { schema: info.schema, roles: ctx.roles };
  const request = { entity, fields, where: {}, many: false, onlyVisible: false, written: { row, related } };
  const { data } = compileData(making, request, first + ctes.values.length);
  const text = `WITH ${settledCaller.ctes}, ${write} SELECT ${data} AS data`;
  const { kind, id } = ctx.caller;
  const values = [kind === "user" ? id : null, kind === "serviceAccount" ? id : null, ...ctes.values];
  const { rows } = await ctx.pool.query<{ data: Tree | null }>({ ...prepared(text), values });
  return rows[0]?.data ?? null;
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

/** True if a field of a new row leads to rows that the statement cannot see: any but the related ones' own columns. */
function reachesOut(entity: EntityName, selected: Selected, related: Written["related"] = {}): boolean {
  const field = entities[entity].fields[selected.name];
  if (!field || !("one" in field || "many" in field)) return false;
  if (!("many" in field) || related[field.many] === undefined) return true;
  return selected.fields.some((below) => reachesOut(field.many, below));
}
