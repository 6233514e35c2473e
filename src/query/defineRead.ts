import type { Context } from "../access/context.ts";
import type { EntityName } from "./entity.ts";
import type { Page } from "./page.ts";
import { readMany, readOne } from "./read.ts";
import type { Resolver } from "./resolvers.ts";
import type { Where } from "./where.ts";

/** A root field that is one read and nothing else, as data. */
export interface ReadDefinition {
  entity: EntityName;
  /** A list, or the one row that meets the condition. */
  many: boolean;
  /** Only rows the caller may see; for fields that are open to everyone signed in. */
  onlyVisible?: boolean;
  /** The condition and page that the arguments ask for. Throws BAD_USER_INPUT for invalid arguments. */
  toQuery(args: unknown, ctx: Pick<Context, "config">): { where: Where; page?: Page };
  /** The error when nothing is found; without it the answer is null or an empty list. May depend on the arguments and the caller. */
  missing?(args: unknown, ctx: Context): Error | undefined | Promise<Error | undefined>;
}

/** A root field that is one read: its resolver, and the definition for whoever can answer it another way. */
export interface ReadField {
  resolve: Resolver;
  extensions: { read: ReadDefinition };
}

/** Declares a root field that is one read. */
export function defineRead(read: ReadDefinition): ReadField {
  const resolve: Resolver = async (_source, args, ctx, info) => {
    const { where, page } = read.toQuery(args, ctx);
    const options = { onlyVisible: read.onlyVisible ?? false, page };
    const found = read.many
      ? await readMany(ctx, info, read.entity, where, options)
      : await readOne(ctx, info, read.entity, where, options);
    const nothing = found === null || (Array.isArray(found) && found.length === 0);
    const error = nothing ? await read.missing?.(args, ctx) : undefined;
    if (error) throw error;
    return found;
  };
  return { resolve, extensions: { read } };
}
