import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { Paging, pageFrom } from "../../query/paging.ts";

const Input = z.object({ workspaceUuid: IdOf, cursor: Paging.cursor, take: Paging.take });

/**
 * A page of the users with a role in the Workspace itself, ordered by ID: role bindings have an index for that order, and a
 * cursor stays valid if its user has left.
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
