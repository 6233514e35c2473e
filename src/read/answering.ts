import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import type { EntityName } from "./entity.ts";
import { readOne, type Tree } from "./read.ts";

/** A mutation's resolver: runs a use case, then reads the row it was about. */
export const answering =
  (entity: EntityName, useCase: (ctx: Context, input: unknown) => Promise<{ id: string }>) =>
  async (_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree | null> => {
    const { id } = await useCase(ctx, args);
    return readOne(ctx, info, entity, { id });
  };
