import { readFileSync } from "node:fs";
import { type IExecutableSchemaDefinition, makeExecutableSchema } from "@graphql-tools/schema";
import { type GraphQLFieldResolver, type GraphQLSchema, Kind, parse } from "graphql";
import type { Context } from "../../access/context.ts";
import { guard, guardStream } from "../../access/guard.ts";
import { recordDenial } from "../../access/recordDenial.ts";
import { accessOf } from "../../access/rules.ts";
import { assertStorable } from "../../platform/input/assertStorable.ts";
import type { Entity } from "../../query/entity.ts";
import { type Entities, registerEntities } from "../../query/entityOf.ts";
import { withExistingId } from "../../query/existing.ts";
import { withPermission } from "./permissionLine.ts";
import { scalars } from "./scalars.ts";

/**
 * What the service layer provides for the schema. Each noun's resolvers are checked against schema.graphql where they
 * are defined.
 */
export interface Nouns {
  resolvers: readonly NounResolvers[];
  entities: Entities;
}

/** How a schema differs from the one at `/v1`. */
export interface SchemaOptions {
  /** Wraps the resolver of every mutation, outside of its guard and the checks of its arguments. */
  aroundMutation?(resolve: RootResolver): RootResolver;
}

export type RootResolver = GraphQLFieldResolver<unknown, Context>;

type NounResolvers = Exclude<IExecutableSchemaDefinition<Context>["resolvers"], readonly unknown[] | undefined>;

const contract = new URL("../../../schema.graphql", import.meta.url);

/**
 * The executable schema: schema.graphql or `sdl`, the nouns' resolvers, and a guard around every root field, whose description
 * tells the permission. Throws if a root field has no resolver (a subscription: no `subscribe`), or neither `@auth` nor
 * `@public`.
 */
export function createSchema(
  { resolvers, entities }: Nouns,
  sdl: string = readFileSync(contract, "utf8"),
  { aroundMutation = (resolve) => resolve }: SchemaOptions = {},
): GraphQLSchema {
  const typeDefs = parse(sdl);
  const declared = new Set(
    typeDefs.definitions.flatMap((node) => (node.kind === Kind.SCALAR_TYPE_DEFINITION ? node.name.value : [])),
  );
  const schema = makeExecutableSchema<Context>({
    typeDefs,
    resolvers: [Object.fromEntries(Object.entries(scalars).filter(([name]) => declared.has(name))), ...resolvers],
    resolverValidationOptions: { requireResolversToMatchSchema: "error" },
  });
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const { resolve } = field;
      if (!resolve) throw new Error(`${root?.name}.${field.name} has no resolver`);
      const access = accessOf(schema, root?.name ?? "", field);
      field.description = withPermission(field.description, access);
      const checked = identifyingConflicts(
        access === "public" ? storable(resolve, FEW) : guard(access, storable(resolve)),
      );
      if (root !== schema.getMutationType()) field.resolve = checked;
      else field.resolve = aroundMutation(audited(field.name, checked));
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe } = field;
    if (!subscribe) throw new Error(`Subscription.${field.name} has no subscribe`);
    const access = accessOf(schema, "Subscription", field);
    field.description = withPermission(field.description, access);
    field.subscribe = access === "public" ? storable(subscribe, FEW) : guardStream(access, storable(subscribe));
  }
  registerEntities(schema, entities);
  for (const [name, entity] of Object.entries(entities)) readFromTree(schema, name, entity);
  return schema;
}

/** Values that the arguments of a public field may have: anyone can send them. */
const FEW = 1_000;

/** Checks that the arguments can be stored. Inside the guard: it looks at every value, which takes time. */
const storable =
  (resolve: RootResolver, maxValues?: number): RootResolver =>
  (source, args, ctx, info) => {
    assertStorable(args, maxValues);
    return resolve(source, args, ctx, info);
  };

/** Records in the audit log that the mutation was denied. Mutations of a request run one after the other. */
const audited =
  (name: string, resolve: RootResolver): RootResolver =>
  async (source, args, ctx, info) => {
    ctx.target = undefined;
    try {
      return await resolve(source, args, ctx, info);
    } catch (error) {
      recordDenial(ctx, name, error);
      throw error;
    }
  };

/** Adds to a CONFLICT the ID of the row that it is about, if the caller may see it. */
const identifyingConflicts =
  (resolve: RootResolver): RootResolver =>
  async (source, args, ctx, info) => {
    try {
      return await resolve(source, args, ctx, info);
    } catch (error) {
      throw await withExistingId(error, ctx, info.schema);
    }
  };

/** Fields of fetched rows get their value from the tree, in which it has the key of the response. */
function readFromTree(schema: GraphQLSchema, name: string, { fields }: Entity): void {
  const type = schema.getType(name);
  if (!type || !("getFields" in type)) return;
  for (const field of Object.values(type.getFields())) {
    if (!("resolve" in field)) continue;
    const definition = fields[field.name];
    const make = definition && "from" in definition ? definition.make : undefined;
    field.resolve = (
      source: Record<string, unknown>,
      _args: unknown,
      ctx: Context,
      info: { path: { key: string | number } },
    ) => {
      const value = source[info.path.key];
      // Anything but an object of columns was computed by the write itself.
      return make && typeof value === "object" && value !== null ? make(value, ctx) : value;
    };
  }
}
