import { z } from "zod";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { Paging, pageFrom } from "../read/paging.ts";
import { reading } from "../read/reading.ts";

const Input = z.object({ workspaceUuid: IdOf, cursor: Paging.cursor, take: Paging.take });

/**
 * A page of the people with a role in the Workspace itself, in the order of their ids: role bindings have an index by it,
 * and a cursor keeps its place when its user has left.
 */
export const paginatedWorkspaceUsers = reading({
  entity: "User",
  many: true,
  ask(args, { config }) {
    const { workspaceUuid: workspaceId, ...paging } = parse(Input, args);
    const page = pageFrom(paging, config.deployments.pagination.workspaceUsers.maxTake);
    return { where: {}, page: { ...page, via: { table: "RoleBinding", to: "userId", where: { workspaceId } } } };
  },
});
