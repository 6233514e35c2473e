import type { Context } from "../access/context.ts";
import type { EntityName } from "./entity.ts";
import { readOne } from "./read.ts";
import type { Resolver } from "./resolvers.ts";
import type { Where } from "./where.ts";

/** A mutation's resolver: runs a use case, then reads the row whose id it returned. */
export function thenRead(
  entity: EntityName,
  useCase: (ctx: Context, input: unknown) => Promise<{ id: string }>,
): Resolver {
  return async (_source, args, ctx, info) => {
    const { id } = await useCase(ctx, args);
    return readOne(ctx, info, entity, { id });
  };
}

/** A mutation's resolver: runs a use case, then reads a row that the arguments name. */
export function thenReadNamed<Args>(
  entity: EntityName,
  named: (args: Args) => Where,
  useCase: (ctx: Context, input: unknown) => Promise<unknown>,
): Resolver {
  return async (_source, args, ctx, info) => {
    await useCase(ctx, args);
    return readOne(ctx, info, entity, named(args));
  };
}

/** A mutation's resolver: reads the row that the arguments name before a use case deletes it. */
export function readThen<Args>(
  entity: EntityName,
  named: (args: Args) => Where,
  useCase: (ctx: Context, input: unknown) => Promise<unknown>,
): Resolver {
  return async (_source, args, ctx, info) => {
    const row = await readOne(ctx, info, entity, named(args));
    await useCase(ctx, args);
    return row;
  };
}
