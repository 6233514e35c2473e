import type { FastifyReply, FastifyRequest } from "fastify";
import { userType } from "../../services/scim/attributes.ts";
import { changeScimUser } from "../../services/scim/changeScimUser.ts";
import { createScimUser } from "../../services/scim/createScimUser.ts";
import { getScimUser, listScimUsers } from "../../services/scim/listScimUsers.ts";
import { readOperations } from "../../services/scim/operations.ts";
import { patchUser } from "../../services/scim/patchUser.ts";
import { removeScimUser } from "../../services/scim/removeScimUser.ts";
import { type Resource, readResource } from "../../services/scim/resource.ts";
import type { Server } from "../http/createServer.ts";
import type { ScimRoutes } from "./addScim.ts";
import { type Query, queryIn, readListQuery } from "./listQuery.ts";
import { listOf, renderUser } from "./render.ts";
import { readSelection } from "./select.ts";

type Asked = { Params: { id: string }; Querystring: Query };

/** The users that the provider keeps. */
export function addUserRoutes(scope: Server, { contextOf, baseOf, send }: ScimRoutes): void {
  const sendUser = async (request: FastifyRequest, reply: FastifyReply, id: string, status = 200) => {
    const selection = readSelection(userType, request.query as Query);
    const user = renderUser(baseOf(request), await getScimUser(contextOf(request), id));
    if (status === 201) reply.header("location", (user.meta as { location: string }).location);
    return send(reply, status, selection.apply(user));
  };

  const sendPage = async (request: FastifyRequest, reply: FastifyReply, query: Query) => {
    const { startIndex, ...page } = readListQuery(userType, query);
    const selection = readSelection(userType, query);
    const ctx = contextOf(request);
    const { total, rows } = await listScimUsers(ctx, { ...page, withGroups: selection.has("groups") });
    const users = rows.map((user) => selection.apply(renderUser(baseOf(request), user)));
    return send(reply, 200, listOf(users, { total, startIndex }));
  };

  scope.get<Asked>("/Users", async (request, reply) => sendPage(request, reply, request.query));

  scope.post("/Users/.search", async (request, reply) => sendPage(request, reply, queryIn(request.body)));

  scope.get<Asked>("/Users/:id", async (request, reply) => sendUser(request, reply, request.params.id));

  scope.post("/Users", async (request, reply) => {
    const id = await createScimUser(contextOf(request), readResource(userType, request.body));
    return sendUser(request, reply, id, 201);
  });

  scope.put<Asked>("/Users/:id", async (request, reply) => {
    const { id } = request.params;
    const resource = readResource(userType, request.body);
    await changeScimUser(contextOf(request), id, (before) => withActive(resource, before));
    return sendUser(request, reply, id);
  });

  scope.patch<Asked>("/Users/:id", async (request, reply) => {
    const { id } = request.params;
    const operations = readOperations(userType, request.body);
    await changeScimUser(contextOf(request), id, (before) => patchUser(before, operations));
    return sendUser(request, reply, id);
  });

  scope.delete<Asked>("/Users/:id", async (request, reply) => {
    await removeScimUser(contextOf(request), request.params.id);
    return reply.code(204).send();
  });
}

/** A PUT without `active` does not reactivate anyone. */
const withActive = (resource: Resource, { active }: Resource): Resource =>
  resource.active === undefined && active !== undefined ? { ...resource, active } : resource;
