import type { GraphQLFieldResolver } from "graphql";
import type { Context } from "../context.ts";
import type { EntityName } from "./entity.ts";
import type { Page } from "./page.ts";
import { readMany, readOne } from "./read.ts";
import type { Where } from "./where.ts";

/** A root field that is one read and nothing else, as data: the executor and the whole-document plans both follow it. */
export interface Reading {
  entity: EntityName;
  /** A list, or the one row that meets the condition. */
  many: boolean;
  /** Only rows the caller may see; for fields that are open to everyone signed in. */
  onlyVisible?: boolean;
  /** The condition and page that the arguments ask for. Throws BAD_USER_INPUT for arguments that do not fit. */
  ask(args: unknown, ctx: Pick<Context, "config">): { where: Where; page?: Page };
  /** The error when nothing is found; without it nothing is null or an empty list. May depend on the arguments and the caller. */
  missing?(args: unknown, ctx: Context): Error | undefined | Promise<Error | undefined>;
}

const readings = new WeakMap<GraphQLFieldResolver<never, Context, never>, Reading>();

/** The resolver of a root field that is one read. */
export function reading(how: Reading): GraphQLFieldResolver<never, Context, never> {
  const resolve: GraphQLFieldResolver<never, Context, never> = async (_source, args, ctx, info) => {
    const { where, page } = how.ask(args, ctx);
    const options = { onlyVisible: how.onlyVisible ?? false, page };
    const found = how.many
      ? await readMany(ctx, info, how.entity, where, options)
      : await readOne(ctx, info, how.entity, where, options);
    const nothing = found === null || (Array.isArray(found) && found.length === 0);
    const error = nothing ? await how.missing?.(args, ctx) : undefined;
    if (error) throw error;
    return found;
  };
  readings.set(resolve, how);
  return resolve;
}

/** What `reading` was given for this resolver; undefined for any other resolver. */
export const readingOf = (resolve: unknown): Reading | undefined =>
  readings.get(resolve as GraphQLFieldResolver<never, Context, never>);
