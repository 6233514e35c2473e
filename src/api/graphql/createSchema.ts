import { readFileSync } from "node:fs";
import { type IExecutableSchemaDefinition, makeExecutableSchema } from "@graphql-tools/schema";
import type { GraphQLFieldResolver, GraphQLSchema } from "graphql";
import type { Context } from "../../access/context.ts";
import { guard, guardStream } from "../../access/guard.ts";
import { accessOf } from "../../access/rules.ts";
import { assertStorable } from "../../platform/input/input.ts";
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

type NounResolvers = Exclude<IExecutableSchemaDefinition<Context>["resolvers"], readonly unknown[] | undefined>;

const contract = new URL("../../../schema.graphql", import.meta.url);

/**
 * The executable schema: schema.graphql, the nouns' resolvers, and a guard around every root field, whose description
 * tells the permission. Throws if a root field has no resolver (a subscription: no `subscribe`), or neither `@auth` nor
 * `@public`.
 */
export function createSchema(
  { resolvers, entities }: Nouns,
  typeDefs: string = readFileSync(contract, "utf8"),
): GraphQLSchema {
  const schema = makeExecutableSchema<Context>({
    typeDefs,
    resolvers: [scalars, ...resolvers],
    resolverValidationOptions: { requireResolversToMatchSchema: "error" },
  });
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const { resolve } = field;
      if (!resolve) throw new Error(`${root?.name}.${field.name} has no resolver`);
      const access = accessOf(schema, root?.name ?? "", field);
      field.description = withPermission(field.description, access);
      field.resolve = storable(identifyingConflicts(access === "public" ? resolve : guard(access, resolve)));
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe } = field;
    if (!subscribe) throw new Error(`Subscription.${field.name} has no subscribe`);
    const access = accessOf(schema, "Subscription", field);
    field.description = withPermission(field.description, access);
    field.subscribe = storable(access === "public" ? subscribe : guardStream(access, subscribe));
  }
  registerEntities(schema, entities);
  for (const [name, entity] of Object.entries(entities)) readFromTree(schema, name, entity);
  return schema;
}

type RootResolver = GraphQLFieldResolver<unknown, Context>;

/** Checks that the arguments can be stored before anything else runs. */
const storable =
  (resolve: RootResolver): RootResolver =>
  (source, args, ctx, info) => {
    assertStorable(args);
    return resolve(source, args, ctx, info);
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
