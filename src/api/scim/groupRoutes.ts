import type { FastifyReply, FastifyRequest } from "fastify";
import { groupType } from "../../services/scim/attributes.ts";
import { changeScimGroup, createScimGroup, removeScimGroup } from "../../services/scim/changeScimGroup.ts";
import { getScimGroup, listScimGroups } from "../../services/scim/listScimGroups.ts";
import { membersOf, patchGroup, replaceGroup } from "../../services/scim/memberChange.ts";
import { readOperations } from "../../services/scim/operations.ts";
import { readNames } from "../../services/scim/resource.ts";
import type { Server } from "../http/createServer.ts";
import type { ScimRoutes } from "./addScim.ts";
import { type Query, queryIn, readListQuery } from "./listQuery.ts";
import { listOf, renderGroup } from "./render.ts";
import { readSelection } from "./select.ts";

type Asked = { Params: { id: string }; Querystring: Query };

/** The teams that the provider keeps. */
export function addGroupRoutes(scope: Server, { contextOf, baseOf, send }: ScimRoutes): void {
  const sendGroup = async (request: FastifyRequest, reply: FastifyReply, id: string, status = 200) => {
    const selection = readSelection(groupType, request.query as Query);
    const row = await getScimGroup(contextOf(request), id, selection.has("members"));
    const group = renderGroup(baseOf(request), row);
    if (status === 201) reply.header("location", (group.meta as { location: string }).location);
    return send(reply, status, selection.apply(group));
  };

  const sendPage = async (request: FastifyRequest, reply: FastifyReply, query: Query) => {
    const { startIndex, isLookup: _, ...page } = readListQuery(groupType, query);
    const selection = readSelection(groupType, query);
    const ctx = contextOf(request);
    const { total, rows } = await listScimGroups(ctx, { ...page, withMembers: selection.has("members") });
    const groups = rows.map((group) => selection.apply(renderGroup(baseOf(request), group)));
    return send(reply, 200, listOf(groups, { total, startIndex }));
  };

  scope.get<Asked>("/Groups", async (request, reply) => sendPage(request, reply, request.query));

  scope.post("/Groups/.search", async (request, reply) => sendPage(request, reply, queryIn(request.body)));

  scope.get<Asked>("/Groups/:id", async (request, reply) => sendGroup(request, reply, request.params.id));

  scope.post("/Groups", async (request, reply) => {
    const { displayName, externalId } = readNames(groupType, request.body);
    const members = membersOf(request.body) ?? [];
    return sendGroup(
      request,
      reply,
      await createScimGroup(contextOf(request), { displayName, externalId, members }),
      201,
    );
  });

  scope.put<Asked>("/Groups/:id", async (request, reply) => {
    const { id } = request.params;
    const change = replaceGroup(readNames(groupType, request.body), membersOf(request.body));
    await changeScimGroup(contextOf(request), id, change);
    return sendGroup(request, reply, id);
  });

  // Without a body, as clients expect it: a group may have thousands of members.
  scope.patch<Asked>("/Groups/:id", async (request, reply) => {
    const change = patchGroup(readOperations(groupType, request.body));
    await changeScimGroup(contextOf(request), request.params.id, change);
    return reply.code(204).send();
  });

  scope.delete<Asked>("/Groups/:id", async (request, reply) => {
    await removeScimGroup(contextOf(request), request.params.id);
    return reply.code(204).send();
  });
}
