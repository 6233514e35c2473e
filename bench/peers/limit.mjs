import Fastify from "fastify";
import { edgeStatements } from "./limitEdgeStatements.mjs";
import { restStatements } from "./limitRestStatements.mjs";
import { statements } from "./limitStatements.mjs";
import { endOnSignal, newId, newKey, pool, verify } from "./shared.mjs";

/**
 * What can be had at all: one hand-written prepared statement per operation that checks session and rights and gives the
 * answer as JSON text, which is sent on as it is. No GraphQL, no logs, no limits. `POST /<operation>` with its
 * variables instead of GraphQL, and the paths of the Platform API.
 */

/** For each operation the root field it answers as, and the values of its statement after session and user. */
const operations = {
  Q1: { field: "workspaceDeployments", values: ({ workspaceUuid }) => [workspaceUuid] },
  Q2: { field: "users", values: ({ email }) => [email] },
  Q3: { field: "workspaceDeployment", values: ({ workspaceUuid, releaseName }) => [workspaceUuid, releaseName] },
  Q4: { field: "paginatedDeployments", values: ({ take, cursor = null }) => [take, cursor] },
  M1create: {
    field: "createWorkspaceServiceAccount",
    values: ({ workspaceUuid, label, role }) => {
      const { key, hash, start, sealed } = newKey();
      return [workspaceUuid, newId(), label, hash, start, sealed, newId(), role, newId(), key];
    },
  },
  M1delete: {
    field: "deleteWorkspaceServiceAccount",
    values: ({ workspaceUuid, serviceAccountUuid }) => [workspaceUuid, serviceAccountUuid, newId()],
  },
};

const server = Fastify();
for (const [name, { field, values }] of Object.entries(operations)) {
  server.post(`/${name}`, async (request, reply) => {
    const session = verify(request.headers.authorization);
    if (!session) return reply.code(401).send({ errors: [{ message: "UNAUTHENTICATED" }] });
    const { rows } = await pool.query({
      ...statements[name],
      values: [session.sessionId, session.userId, ...values(request.body.variables)],
    });
    const data = rows[0]?.data;
    if (data === undefined || data === null) return reply.code(403).send({ errors: [{ message: "FORBIDDEN" }] });
    return reply.type("application/json; charset=utf-8").send(`{"data":{"${field}":${data}}}`);
  });
}

/** The operations of the Platform API, and the values of each statement after session and user. */
const rest = [
  {
    ...{ method: "GET", path: "/deployments", name: "R1" },
    values: ({ params, query }) => [params.organizationId, query.limit, query.offset ?? 0],
  },
  {
    ...{ method: "GET", path: "/deployments/:deploymentId", name: "R2" },
    values: ({ params }) => [params.organizationId, params.deploymentId],
  },
  {
    ...{ method: "POST", path: "/workspaces", name: "R3create" },
    values: ({ params, body }) => [params.organizationId, newId(), body.name, body.description, newId(), newId()],
  },
  {
    ...{ method: "DELETE", path: "/workspaces/:workspaceId", name: "R3delete", status: 204 },
    values: ({ params }) => [params.organizationId, params.workspaceId, newId()],
  },
];
for (const { method, path, name, status = 200, values } of rest) {
  server.route({
    method,
    url: `/platform/v1beta1/organizations/:organizationId${path}`,
    async handler(request, reply) {
      const session = verify(request.headers.authorization?.slice("Bearer ".length));
      if (!session) return reply.code(401).send({ message: "UNAUTHENTICATED" });
      const { rows } = await pool.query({
        ...restStatements[name],
        values: [session.sessionId, session.userId, ...values(request)],
      });
      const data = rows[0]?.data;
      if (data === undefined || data === null) return reply.code(403).send({ message: "FORBIDDEN" });
      if (status === 204) return reply.code(204).send();
      return reply.type("application/json; charset=utf-8").send(data);
    },
  });
}
// The roles come with the token for Airflow, which Houston signs once and sends again; here they are a header.
server.get("/v1/authorization", async (request, reply) => {
  const session = verify(/houston_airflow=([^;]*)/.exec(request.headers.cookie)?.[1], "airflow");
  if (!session) return reply.code(401).send();
  const releaseName = /^https:\/\/deployments\.localhost\/([^/]+)/.exec(request.headers["x-original-url"])?.[1];
  const { rows } = await pool.query({
    ...edgeStatements.A1,
    values: [session.sessionId, session.userId, releaseName],
  });
  const [row] = rows;
  if (!row) return reply.code(403).send();
  return reply.headers({ username: row.username, email: row.email, authorization: `Bearer ${row.role}` }).send();
});
await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
endOnSignal(() => server.close());
