import type { Context } from "../access/context.ts";
import type { EntityName, TableOf } from "./entity.ts";
import { readOne, type Tree } from "./read.ts";
import type { Resolver } from "./resolver.ts";
import type { Returned } from "./where.ts";

/** A mutation's resolver: runs a use case, then reads the row whose ID it returned. */
export function thenRead<Name extends EntityName>(
  entity: Name,
  useCase: (ctx: Context, input: unknown) => Promise<{ id: string }>,
): Resolver<Tree<Name> | null> {
  return async (_source, args, ctx, info) => {
    const { id } = await useCase(ctx, args);
    return readOne(ctx, info, entity, { id });
  };
}

/** A mutation's resolver: runs a use case, then reads the row that the arguments identify. */
export function thenReadNamed<Name extends EntityName, Args, Given>(
  entity: Name,
  named: (args: Args) => Returned<Given, TableOf<Name>>,
  useCase: (ctx: Context, input: unknown) => Promise<unknown>,
): Resolver<Tree<Name> | null, Args> {
  return async (_source, args, ctx, info) => {
    await useCase(ctx, args);
    return readOne(ctx, info, entity, named(args));
  };
}

/** A mutation's resolver: reads the row that the arguments identify before a use case deletes it. */
export function readThen<Name extends EntityName, Args, Given>(
  entity: Name,
  named: (args: Args) => Returned<Given, TableOf<Name>>,
  useCase: (ctx: Context, input: unknown) => Promise<unknown>,
): Resolver<Tree<Name> | null, Args> {
  return async (_source, args, ctx, info) => {
    const row = await readOne(ctx, info, entity, named(args));
    await useCase(ctx, args);
    return row;
  };
}
