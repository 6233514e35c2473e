import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { context, object, sideEffect } from "postgraphile/grafast";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { extendSchema } from "postgraphile/utils";
import { roots } from "./roots.mjs";
import { check, endOnSignal, pool, settle, systemReaders, workspaceReaders } from "./shared.mjs";

/**
 * PostGraphile 5 over the tables as they are, its documents in bench/postgraphile.ts. Two functions in SQL give what a
 * foreign key does not (users of a Workspace in order, a page after a row), two mutations make what a table does not (the
 * key of an account, the audit entry).
 */
await pool.query(`
  CREATE OR REPLACE FUNCTION "Workspace_users"(w "Workspace") RETURNS SETOF "User" LANGUAGE sql STABLE AS $$
    SELECT u.* FROM "RoleBinding" b JOIN "User" u ON u.id = b."userId" WHERE b."workspaceId" = w.id ORDER BY u."createdAt", u.id
  $$;
  CREATE OR REPLACE FUNCTION deployments_after(take int, after_id text) RETURNS SETOF "Deployment" LANGUAGE sql STABLE AS $$
    SELECT * FROM "Deployment" WHERE "deletedAt" IS NULL AND ("createdAt", id) >
      (coalesce((SELECT "createdAt" FROM "Deployment" WHERE id = after_id), '-infinity'), coalesce(after_id, ''))
    ORDER BY "createdAt", id LIMIT take
  $$`);

/** The plan of a field that runs a mutation of the other comparison servers, once. */
const running = (resolve, names) => (_, args) => {
  const $input = object(Object.fromEntries(names.map((name) => [name, args.getRaw(name)])));
  return sideEffect([$input, context()], ([input, ctx]) => resolve(undefined, input, ctx));
};

const { createWorkspaceServiceAccount, deleteWorkspaceServiceAccount } = roots.Mutation;

const mutations = extendSchema({
  typeDefs: /* GraphQL */ `
    type MadeRoleBinding {
      role: Role
    }
    type MadeAccount {
      id: String!
      label: String
      category: String
      entityType: String
      workspaceUuid: String
      active: Boolean
      apiKey: String
      createdAt: String
      roleBindings: [MadeRoleBinding]
    }
    extend type Mutation {
      createWorkspaceServiceAccount(label: String!, category: String, workspaceUuid: String!, role: Role!): MadeAccount
      deleteWorkspaceServiceAccount(serviceAccountUuid: String!, workspaceUuid: String!): MadeAccount
    }
  `,
  objects: {
    Mutation: {
      plans: {
        createWorkspaceServiceAccount: running(createWorkspaceServiceAccount, ["workspaceUuid", "label", "role"]),
        deleteWorkspaceServiceAccount: running(deleteWorkspaceServiceAccount, ["workspaceUuid", "serviceAccountUuid"]),
      },
    },
  },
});

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [mutations],
  // It hides conditions and orders without an index of their own, such as the order of a Deployment's few role bindings.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  schema: { defaultBehavior: "+connection +list +filterBy +orderBy" },
  grafast: {
    /** Refuses without a good session and a role that reads the Workspace, or everything. */
    async context({ node }, { variableValues }) {
      const caller = await settle(node?.req.headers.authorization);
      check(caller, systemReaders, workspaceReaders, variableValues?.workspaceUuid);
      return { caller };
    },
  },
  grafserv: { graphiql: false, websockets: false, watch: false, graphqlPath: "/graphql" },
};

const instance = postgraphile(preset);
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
endOnSignal(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await instance.release();
});
