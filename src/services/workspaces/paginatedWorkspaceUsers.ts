import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { Paging, pageFrom } from "../../query/paging.ts";

const Input = z.object({ workspaceUuid: IdOf, cursor: Paging.cursor, take: Paging.take });

/**
 * A page of the people with a role in the Workspace itself, in the order of their ids: role bindings have an index by it,
 * and a cursor keeps its place when its user has left.
 */
export const paginatedWorkspaceUsers = defineRead({
  entity: "User",
  many: true,
  toQuery(args, { config }) {
    const { workspaceUuid: workspaceId, ...paging } = parse(Input, args);
    const page = pageFrom(paging, config.deployments.pagination.workspaceUsers.maxTake);
    return { where: {}, page: { ...page, via: { table: "RoleBinding", to: "userId", where: { workspaceId } } } };
  },
});
