import type { GraphQLFieldExtensions, GraphQLFieldResolver } from "graphql";
import type { Context } from "../access/context.ts";

export type Resolver = GraphQLFieldResolver<never, Context, never>;

/**
 * How one field reaches the domain: a resolver; a declared read or write (defineRead, defineWrite); or a subscription, whose events
 * `resolve` reads.
 */
export type FieldResolver =
  | Resolver
  | { resolve: Resolver; extensions?: GraphQLFieldExtensions<unknown, Context> }
  | { subscribe: Resolver; resolve?: Resolver };

/** How one noun's fields reach the domain, by type. */
export type Resolvers = { [type: string]: { [field: string]: FieldResolver } };
