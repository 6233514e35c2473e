import { z } from "zod";
import { parse } from "../errors.ts";
import { Paging, pageFrom } from "../read/paging.ts";
import { reading } from "../read/reading.ts";

const Input = z.object({ take: Paging.take, pageNumber: Paging.pageNumber });

/** A page of all Workspaces of the platform, oldest first. */
export const paginatedWorkspaces = reading({
  entity: "Workspace",
  many: true,
  ask: (args, { config }) => ({
    where: {},
    page: {
      ...pageFrom(parse(Input, args), config.deployments.pagination.workspace.maxTake),
      counted: { clusterId: null },
    },
  }),
});
