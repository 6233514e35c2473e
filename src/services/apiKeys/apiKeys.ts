import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { readMany, type Tree } from "../../query/read.ts";

const Input = z.object({ organizationId: IdOf, apiKeyId: optional(z.string()) });

/** The API keys of an Organization, optionally only the one with the given ID: an empty list if it has no such key. */
export async function apiKeys(
  ctx: Context,
  input: unknown,
  info: GraphQLResolveInfo,
): Promise<readonly Tree<"ApiKey">[]> {
  const { organizationId, apiKeyId: id } = parse(Input, input);
  return readMany(ctx, info, "ApiKey", { organizationId, id });
}
