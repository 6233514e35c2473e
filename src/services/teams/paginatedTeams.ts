import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { PaginatedTeamsResolvers } from "../../generated/resolvers.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { countRows } from "../../query/countRows.ts";
import type { Page } from "../../query/page.ts";
import { Paging, pageFrom } from "../../query/paging.ts";
import { readMany } from "../../query/read.ts";
import type { Where } from "../../query/where.ts";
import { hasRole } from "./teams.ts";

const Input = z.object({
  take: Paging.take,
  cursor: Paging.cursor,
  workspaceUuid: optional(z.string("needs an id")),
  searchPhrase: optional(z.string("needs a text").max(80, "needs at most 80 characters")),
});

/** What the type PaginatedTeams is made of: which teams match, and which part of them is wanted. */
export interface MatchingTeams {
  where: Where<"Team">;
  page: Page<"Team">;
}

/** A page of the teams that match, those of one Workspace or of the platform; only what is selected is looked up. */
export function paginatedTeams(_: unknown, args: unknown, { config }: Context): MatchingTeams {
  const { workspaceUuid: workspaceId, searchPhrase, ...paging } = parse(Input, args);
  const where: MatchingTeams["where"] = {
    also: [
      workspaceId === undefined ? undefined : hasRole({ workspaceId }),
      searchPhrase === undefined ? undefined : { anyOf: ["name"], contains: searchPhrase },
    ],
  };
  return { where, page: pageFrom(paging, config.deployments.pagination.system.maxTake) };
}

/** The fields of PaginatedTeams. */
export const paginatedTeamsFields: PaginatedTeamsResolvers = {
  count: ({ where }, _args, ctx, info) => countRows(ctx, info, "Team", where),
  teams: ({ where, page }, _args, ctx, info) => readMany(ctx, info, "Team", where, { page }),
};
