import type { Context } from "../access/context.ts";
import type { CountedPage } from "./countedPage.ts";
import type { EntityName, TableOf } from "./entity.ts";
import type { Page } from "./page.ts";
import { readMany, readOne, type Tree } from "./read.ts";
import type { Resolver } from "./resolver.ts";
import type { AnyWhere, Returned, Where } from "./where.ts";

/** A root field that is a single read, described as data. */
export interface ReadDefinition<Name extends EntityName = EntityName, Condition = AnyWhere> {
  entity: Name;
  /** True if the field returns a list, false if it returns at most one row. */
  many: boolean;
  /** Only rows the caller may see; for fields that are open to everyone signed in. */
  onlyVisible?: boolean;
  /** The condition and page for the arguments. Throws BAD_USER_INPUT for invalid arguments. */
  toQuery(
    args: unknown,
    ctx: Pick<Context, "config" | "organization">,
  ): { where: Condition; page?: Page<TableOf<Name>>; counted?: CountedPage<TableOf<Name>> };
  /** The error if nothing is found, for these arguments and caller; without it, the field returns null or an empty list. */
  missing?(args: unknown, ctx: Context): Error | undefined | Promise<Error | undefined>;
}

/** A root field that is one read: its resolver, and the definition for the fast path. */
export interface ReadField<Result = unknown> {
  resolve: Resolver<Result>;
  extensions: { read: ReadDefinition };
}

/** Declares a root field that is one read. */
export function defineRead<Name extends EntityName, Many extends boolean, Given>(
  read: ReadDefinition<Name, Returned<Given, TableOf<Name>>> & { many: Many },
): ReadField<Many extends true ? readonly Tree<Name>[] : Tree<Name> | null>;
export function defineRead<Name extends EntityName>(
  read: ReadDefinition<Name, Where<TableOf<Name>>>,
): ReadField<readonly Tree<Name>[] | Tree<Name> | null> {
  const resolve: Resolver<readonly Tree<Name>[] | Tree<Name> | null> = async (_source, args, ctx, info) => {
    const { where, page } = read.toQuery(args, ctx);
    const options = { onlyVisible: read.onlyVisible ?? false, page };
    const found = read.many
      ? await readMany(ctx, info, read.entity, where, options)
      : await readOne(ctx, info, read.entity, where, options);
    const isEmpty = found === null || (Array.isArray(found) && found.length === 0);
    const error = isEmpty ? await read.missing?.(args, ctx) : undefined;
    if (error) throw error;
    return found;
  };
  return { resolve, extensions: { read } };
}
