import { readFileSync } from "node:fs";
import { makeExecutableSchema } from "@graphql-tools/schema";
import type { GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { guard, guardStream } from "./auth/guard.ts";
import { accessOf } from "./auth/rules.ts";
import type { Context } from "./context.ts";
import { assertStorable } from "./input.ts";
import { entities } from "./read/entities.ts";
import type { Entity } from "./read/entity.ts";
import { readingOf } from "./read/reading.ts";
import { writingOf } from "./read/writing.ts";
import { resolvers } from "./resolvers.ts";
import { scalars } from "./scalars.ts";

type Resolver = GraphQLFieldResolver<never, Context, never>;

/** How one noun's fields reach the domain; a subscription has a `subscribe`, whose events `resolve` reads. */
export type Resolvers = { [type: string]: { [field: string]: Resolver | { subscribe: Resolver; resolve?: Resolver } } };

const contract = new URL("../schema.graphql", import.meta.url);

/**
 * The executable schema: schema.graphql, the nouns' resolvers, and a guard around every root field. Throws when a root
 * field has no resolver (a subscription: no `subscribe`), or says nothing about who may call it.
 */
export function createSchema(typeDefs = readFileSync(contract, "utf8"), fields: Resolvers = resolvers): GraphQLSchema {
  const schema = makeExecutableSchema<Context>({
    typeDefs,
    resolvers: { ...scalars, ...fields },
    resolverValidationOptions: { requireResolversToMatchSchema: "error" },
  });
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const resolve = field.resolve as GraphQLFieldResolver<unknown, Context> | undefined;
      if (!resolve) throw new Error(`${root?.name}.${field.name} has no resolver`);
      // For plans of whole documents; the schema's own function is a bound copy of the resolver.
      field.extensions = { ...field.extensions, whole: wholeOf(fields[root?.name ?? ""]?.[field.name]) };
      const access = accessOf(schema, root?.name ?? "", field as never);
      field.resolve = storable(access === "public" ? resolve : guard(access, resolve)) as never;
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const subscribe = field.subscribe as GraphQLFieldResolver<unknown, Context> | undefined;
    if (!subscribe) throw new Error(`Subscription.${field.name} has no subscribe`);
    const access = accessOf(schema, "Subscription", field as never);
    field.subscribe = storable(access === "public" ? subscribe : guardStream(access, subscribe)) as never;
  }
  for (const [name, entity] of Object.entries(entities)) readFromTree(schema, name, entity);
  return schema;
}

/** How a plan of a whole document does the field's work, where one statement can. */
const wholeOf = (resolver: unknown) => readingOf(resolver) ?? writingOf(resolver);

/** Looks at the arguments before anyone else does. */
function storable(resolve: GraphQLFieldResolver<unknown, Context>): GraphQLFieldResolver<unknown, Context> {
  return (source, args, ctx, info) => {
    assertStorable(args);
    return resolve(source, args, ctx, info);
  };
}

/** Fields of fetched rows take their value from the tree, where it stands under the key of the answer. */
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
      return make && value !== null ? make(value as never, ctx) : value;
    };
  }
}
