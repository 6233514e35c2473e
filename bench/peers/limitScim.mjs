import { createHash } from "node:crypto";
import Fastify from "fastify";
import { endOnSignal, pool, prepared } from "./shared.mjs";

/**
 * What can be had at all of SCIM: one prepared statement that checks the token and gives the answer as JSON text, and for a
 * change of members two statements in a transaction. One form of each request, no checks, no audit log, no errors.
 */

const find =
  prepared(`SELECT json_build_object('schemas', json_build_array('urn:ietf:params:scim:api:messages:2.0:ListResponse'),
    'totalResults', count(u.*), 'startIndex', 1, 'itemsPerPage', count(u.*), 'Resources', coalesce(json_agg(u.data), '[]'))::text AS data
  FROM "ScimToken" t LEFT JOIN LATERAL (
    SELECT json_build_object('schemas', json_build_array('urn:ietf:params:scim:schemas:core:2.0:User'), 'id', s."userId",
      'userName', s."userName", 'externalId', s."externalId", 'active', s.active, 'attributes', s.attributes,
      'groups', (SELECT json_agg(json_build_object('value', g.id, 'display', g.name)) FROM "TeamMember" m
        JOIN "Team" g ON g.id = m."teamId" WHERE m."userId" = s."userId"),
      'meta', json_build_object('resourceType', 'User', 'created', s."createdAt", 'lastModified', s."updatedAt")) AS data
    FROM "ScimUser" s WHERE s.provider = t.provider AND s."userNameKey" = $2) u ON true
  WHERE t."tokenHash" = $1 GROUP BY t.id`);
const known = prepared(`SELECT 1 FROM "ScimToken" WHERE "tokenHash" = $1`);
const remove = prepared(`DELETE FROM "TeamMember" WHERE "teamId" = $1 AND "userId" = ANY($2)`);
const add = prepared(`INSERT INTO "TeamMember" ("teamId", "userId") SELECT $1, id FROM unnest($2::text[]) AS given (id)
  ON CONFLICT DO NOTHING`);

const hashOf = (authorization = "") =>
  createHash("sha256").update(authorization.slice("Bearer ".length)).digest("base64url");

const server = Fastify({ bodyLimit: 8 * 1024 * 1024 });
server.addContentTypeParser(
  "application/scim+json",
  { parseAs: "string" },
  server.getDefaultJsonParser("error", "error"),
);
server.get("/v1/scim/v2/microsoft/Users", async (request, reply) => {
  const [, name = ""] = /^userName eq "([^"]*)"$/.exec(request.query.filter) ?? [];
  const { rows } = await pool.query({ ...find, values: [hashOf(request.headers.authorization), name.toUpperCase()] });
  if (rows.length === 0) return reply.code(401).send();
  return reply.type("application/scim+json").send(rows[0].data);
});
server.patch("/v1/scim/v2/microsoft/Groups/:id", async (request, reply) => {
  const ids = (op) =>
    request.body.Operations.filter((one) => one.op === op).flatMap(({ value }) => value.map((member) => member.value));
  const client = await pool.connect();
  try {
    const { rows } = await client.query({ ...known, values: [hashOf(request.headers.authorization)] });
    if (rows.length === 0) return reply.code(401).send();
    await client.query("BEGIN");
    await client.query({ ...remove, values: [request.params.id, ids("Remove")] });
    await client.query({ ...add, values: [request.params.id, ids("Add")] });
    await client.query("COMMIT");
  } finally {
    client.release();
  }
  return reply.code(204).send();
});
await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
endOnSignal(() => server.close());
