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

const PHRASE = "must be a string of 3 to 80 characters";

// A shorter phrase matches so much that an index does not help.
const isLongEnough = (phrase: string) => [...phrase].length >= 3;

const Input = z.object({
  take: Paging.take,
  cursor: Paging.cursor,
  workspaceUuid: optional(z.string("must be an ID")),
  searchPhrase: optional(z.string(PHRASE).trim().max(80, PHRASE).refine(isLongEnough, PHRASE)),
});

/** Source of the type PaginatedTeams: which teams match, and which page of them is requested. */
export interface TeamsPage {
  where: Where<"Team">;
  page: Page<"Team">;
}

/** A page of the matching teams of one Workspace or of the platform. Only selected fields are read. */
export function paginatedTeams(_: unknown, args: unknown, { config }: Context): TeamsPage {
  const { workspaceUuid: workspaceId, searchPhrase, ...paging } = parse(Input, args);
  const where: TeamsPage["where"] = {
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
