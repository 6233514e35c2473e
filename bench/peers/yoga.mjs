import { createServer } from "node:http";
import { useGraphQlJit } from "@envelop/graphql-jit";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
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

/** GraphQL Yoga on Node's HTTP server with its own caches of parsed documents, graphql-jit and a DataLoader per relation. */

const createLoaders = () => ({
  workspaces: new DataLoader(workspacesById),
  workspaceUsers: new DataLoader(usersOfWorkspaces),
  users: new DataLoader(usersById),
  emails: new DataLoader(emailsOfUsers),
  deploymentBindings: new DataLoader(bindingsOfDeployments),
  userBindings: new DataLoader(bindingsOfUsers),
});

const resolvers = {
  ...roots,
  Deployment: {
    workspace: ({ workspaceId }, _, { loaders }) => loaders.workspaces.load(workspaceId),
    roleBindings: ({ id }, _, { loaders }) => loaders.deploymentBindings.load(id),
  },
  Workspace: { users: ({ id }, _, { loaders }) => loaders.workspaceUsers.load(id) },
  User: {
    emails: ({ id }, _, { loaders }) => loaders.emails.load(id),
    roleBindings: ({ id }, _, { loaders }) => loaders.userBindings.load(id),
  },
  RoleBinding: { user: ({ userId }, _, { loaders }) => (userId ? loaders.users.load(userId) : null) },
};

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useGraphQlJit()],
  context: async ({ request }) => ({
    caller: await settle(request.headers.get("authorization")),
    loaders: createLoaders(),
  }),
  logging: false,
  graphiql: false,
  landingPage: false,
});
const server = createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
endOnSignal(() => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});
