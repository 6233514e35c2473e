import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { defineRead } from "../../query/defineRead.ts";
import { Paging, pageFrom } from "../../query/paging.ts";

const Input = z.object({ take: Paging.take, pageNumber: Paging.pageNumber });

/** A page of all Workspaces of the platform, oldest first. */
export const paginatedWorkspaces = defineRead({
  entity: "Workspace",
  many: true,
  toQuery: (args, { config }) => ({
    where: {},
    page: {
      ...pageFrom(parse(Input, args), config.deployments.pagination.workspace.maxTake),
      counted: { clusterId: null },
    },
  }),
});
