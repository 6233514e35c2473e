import Fastify from "fastify";
import mercurius from "mercurius";
import {
  bindingsOfDeployments,
  bindingsOfUsers,
  emailsOfUsers,
  usersById,
  usersOfWorkspaces,
  workspacesById,
} from "./batches.mjs";
import { roots } from "./roots.mjs";
import { typeDefs } from "./schema.mjs";
import { endOnSignal, settle } from "./shared.mjs";

/** Mercurius on Fastify as its documentation advises for speed: documents compiled at first use, batched loaders. */

/** A loader over a batch. Its cache is off: the batch asks for each id once, and keys of a cache cost more than they save. */
const batched = (batch, keyOf) => ({
  async loader(queries) {
    const ids = [...new Set(queries.map(({ obj }) => keyOf(obj)).filter(Boolean))];
    const found = new Map((ids.length > 0 ? await batch(ids) : []).map((value, n) => [ids[n], value]));
    return queries.map(({ obj }) => found.get(keyOf(obj)) ?? null);
  },
  opts: { cache: false },
});

const server = Fastify();
await server.register(mercurius, {
  schema: typeDefs,
  resolvers: roots,
  loaders: {
    Deployment: {
      workspace: batched(workspacesById, ({ workspaceId }) => workspaceId),
      roleBindings: batched(bindingsOfDeployments, ({ id }) => id),
    },
    Workspace: { users: batched(usersOfWorkspaces, ({ id }) => id) },
    User: { emails: batched(emailsOfUsers, ({ id }) => id), roleBindings: batched(bindingsOfUsers, ({ id }) => id) },
    RoleBinding: { user: batched(usersById, ({ userId }) => userId) },
  },
  jit: 1,
  context: async (request) => ({ caller: await settle(request.headers.authorization) }),
});
await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
endOnSignal(() => server.close());
