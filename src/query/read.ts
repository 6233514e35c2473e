import type { FieldNode, GraphQLResolveInfo } from "graphql";
import type { Context } from "../access/context.ts";
import { BoundedMap } from "../platform/boundedMap.ts";
import type { Table } from "../platform/database/columns.ts";
import { Statement } from "../platform/database/statement.ts";
import { knownCallerValues } from "./callerSql.ts";
import { compile } from "./compile.ts";
import type { EntityName, TableOf } from "./entity.ts";
import { type Page, pageShape, pageValues } from "./page.ts";
import type { ReadRequest } from "./readRequest.ts";
import { selectionOf, variablesBelow } from "./selection.ts";
import { shapeOf, valuesOf, type Where } from "./where.ts";

declare const entityOfTree: unique symbol;

/**
 * A fetched row of an entity with its selected fields, under the keys of the response. Only this module creates them.
 */
export interface Tree<Name extends EntityName = EntityName> {
  readonly [key: string]: unknown;
  /** Exists only in types, to distinguish the trees of different entities. */
  readonly [entityOfTree]: Name;
}

interface Plans {
  /** Variables that change what is selected below the field. */
  variables: readonly string[];
  byVariant: BoundedMap<string, Statement>;
}

/** Plans live as long as the parsed document, which Apollo caches and evicts. */
const cache = new WeakMap<FieldNode, Plans>();

/** Maximum number of cached variants of one field: different sets of arguments and directive variables. */
const MAX_VARIANTS = 64;

interface Options<T extends Table> {
  /** Omit rows that the caller may not see; for fields that are open to everyone signed in. */
  onlyVisible?: boolean;
  /** A part of the list. */
  page?: Page<T> | undefined;
}

/** The rows that meet `where`, each with the whole tree selected below the field of `info`, in one statement. */
export async function readMany<Name extends EntityName>(
  ctx: Context,
  info: GraphQLResolveInfo,
  entity: Name,
  where: Where<TableOf<Name>>,
  { onlyVisible = false, page }: Options<TableOf<Name>> = {},
): Promise<Tree<Name>[]> {
  return (await run(ctx, info, { entity, where, many: true, onlyVisible, page })) as Tree<Name>[];
}

/** The one row that meets `where` with its selected tree, or null. */
export async function readOne<Name extends EntityName>(
  ctx: Context,
  info: GraphQLResolveInfo,
  entity: Name,
  where: Where<TableOf<Name>> | { readonly id: string },
  { onlyVisible = false }: Options<TableOf<Name>> = {},
): Promise<Tree<Name> | null> {
  return (await run(ctx, info, { entity, where, many: false, onlyVisible })) as Tree<Name> | null;
}

type Read = Omit<ReadRequest, "fields">;

async function run(ctx: Context, info: GraphQLResolveInfo, read: Read): Promise<unknown> {
  const statement = statementOf(ctx, info, read);
  const values = [...knownCallerValues(ctx.caller), ...valuesOf(read.where), ...pageValues(read.page)];
  const { rows } = await ctx.pool.query<{ data: unknown }>(statement.query(values));
  statement.succeeded();
  return rows[0]?.data ?? null;
}

function statementOf(ctx: Context, info: GraphQLResolveInfo, read: Read): Statement {
  const make = () =>
    new Statement(compile({ schema: info.schema, roles: ctx.roles }, { ...read, fields: selectionOf(info) }));
  const node = info.fieldNodes[0];
  // A field selected in several places of the document is merged from them, and variables can decide which ones count.
  if (!node || info.fieldNodes.length > 1) return make();

  let plans = cache.get(node);
  if (!plans) {
    plans = { variables: variablesBelow(node, info.fragments), byVariant: new BoundedMap(MAX_VARIANTS) };
    cache.set(node, plans);
  }
  const { entity, where, many, onlyVisible, page } = read;
  const selecting = plans.variables.map((name) => info.variableValues[name]);
  const variant = JSON.stringify([entity, shapeOf(where), many, onlyVisible, pageShape(page), selecting]);
  const known = plans.byVariant.get(variant);
  if (known) return known;
  const statement = make();
  plans.byVariant.set(variant, statement);
  return statement;
}
