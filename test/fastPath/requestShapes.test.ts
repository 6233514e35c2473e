import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { ofType, openAs, operationsOn, protocols } from "../support/sockets.ts";

const fast = await testHouston({ fastPath: { enabled: true } });
const slow = await testHouston({ fastPath: { enabled: false } });

/** The same user with the same Workspace on both servers. */
async function signIn({ build, db }: typeof fast) {
  const { workspace, admin } = await build.workspace({ label: "Blue" });
  await db.workspace.update({ where: { id: workspace.id }, data: { label: "Blue" } });
  return { workspace, admin };
}
const servers = { fast: { ...fast, ...(await signIn(fast)) }, slow: { ...slow, ...(await signIn(slow)) } };
type On = (typeof servers)["fast"];

const READ = "query Read($id: Uuid) { workspaces(workspaceUuid: $id) { label } }";
const WRITE = `mutation Write($label: String!, $id: Uuid!) {
  createWorkspaceServiceAccount(label: $label, workspaceUuid: $id, role: WORKSPACE_VIEWER) { category }
}`;
const TWO = `query Read { workspaces { label } } query Other { workspaces { label description } }`;
let labels = 0;
const idOf = ({ workspace }: On) => workspace.id;
const write = (on: On) => ({ label: `Account ${labels++}`, id: idOf(on) });

type Body = Record<string, unknown> | unknown[] | string;
type Shape = [name: string, document: string, body: (query: string, on: On) => Body, headers?: Record<string, string>];

const shapes: Shape[] = [
  ["no variables", READ, (query) => ({ query })],
  ["variables null", READ, (query) => ({ query, variables: null })],
  ["variables {}", READ, (query) => ({ query, variables: {} })],
  ["variables []", READ, (query) => ({ query, variables: [] })],
  ["variables as text", READ, (query) => ({ query, variables: "{}" })],
  ["variables of the empty text", READ, (query) => ({ query, variables: "" })],
  ["variables 5", READ, (query) => ({ query, variables: 5 })],
  ["variables false", READ, (query) => ({ query, variables: false })],
  ["unknown variables", READ, (query) => ({ query, variables: { other: 1, constructor: 2 } })],
  ["a variable of a wrong type", READ, (query) => ({ query, variables: { id: 5 } })],
  ["a variable that is a list", READ, (query) => ({ query, variables: { id: ["x"] } })],
  ["a variable null", READ, (query) => ({ query, variables: { id: null } })],
  ["a variable of the empty text", READ, (query) => ({ query, variables: { id: "" } })],
  ["a variable with NUL", READ, (query) => ({ query, variables: { id: "a\u0000" } })],
  ["a missing required variable", WRITE, (query) => ({ query, variables: { label: "x" } })],
  ["operationName of the empty text", READ, (query) => ({ query, operationName: "" })],
  [
    "operationName of the empty text, a write",
    WRITE,
    (query, on) => ({ query, operationName: "", variables: write(on) }),
  ],
  ["operationName of the empty text, two operations", TWO, (query) => ({ query, operationName: "" })],
  ["operationName null", READ, (query) => ({ query, operationName: null })],
  ["operationName given", READ, (query) => ({ query, operationName: "Read" })],
  ["operationName unknown", READ, (query) => ({ query, operationName: "Nothing" })],
  ["operationName of a space", READ, (query) => ({ query, operationName: " " })],
  ["operationName 5", READ, (query) => ({ query, operationName: 5 })],
  ["operationName {}", READ, (query) => ({ query, operationName: {} })],
  ["operationName and document that together read as another", READ, (query) => ({ query: "#", operationName: query })],
  ["operationName of one of two", TWO, (query) => ({ query, operationName: "Other" })],
  ["extensions null", READ, (query) => ({ query, extensions: null })],
  ["extensions {}", READ, (query) => ({ query, extensions: {} })],
  ["extensions []", READ, (query) => ({ query, extensions: [] })],
  ["extensions as text", READ, (query) => ({ query, extensions: "{}" })],
  ["extensions 5", READ, (query) => ({ query, extensions: 5 })],
  ["a persisted query", READ, (query) => ({ query, extensions: { persistedQuery: { version: 1, sha256Hash: "x" } } })],
  ["other members", READ, (query) => ({ id: "1", query, http: {}, method: "GET" })],
  ["members in another order", WRITE, (query, on) => ({ variables: write(on), operationName: "Write", query })],
  ["a member twice", READ, (query) => `{"query":"{ no }","query":${JSON.stringify(query)}}`],
  ["a variable twice", READ, (query) => `{"query":${JSON.stringify(query)},"variables":{"id":5,"id":null}}`],
  ["__proto__", READ, (query) => `{"query":${JSON.stringify(query)},"__proto__":{"variables":{}}}`],
  ["a byte order mark before the document", READ, (query) => ({ query: `\ufeff${query}` })],
  ["a byte order mark before the body", READ, (query) => `\ufeff${JSON.stringify({ query })}`],
  ["spaces around the document", READ, (query) => ({ query: ` \r\n${query}\t\n` })],
  ["spaces around the body", READ, (query) => ` \n${JSON.stringify({ query })} \n`],
  ["no document", READ, () => ({ variables: {} })],
  ["an empty document", READ, () => ({ query: "" })],
  ["a document that is an object", READ, () => ({ query: { kind: "Document" } })],
  ["a document that is a list", READ, (query) => ({ query: [query] })],
  ["a batch", READ, (query) => [{ query }]],
  ["an empty batch", READ, () => []],
  ["a body that is text", READ, (query) => JSON.stringify(query)],
  ["a body that is null", READ, () => "null"],
  ["an empty body", READ, () => ""],
  ["invalid JSON", READ, (query) => JSON.stringify({ query }).slice(1)],
  ...[
    "application/json; charset=utf-8",
    "application/json;charset=utf-16",
    "APPLICATION/JSON",
    "application/json+x",
    "application/graphql-response+json",
    "text/plain",
  ].map((type): Shape => [`content type ${type}`, READ, (query) => ({ query }), { "content-type": type }]),
  ...[
    "*/*",
    "application/*",
    "application/json",
    "APPLICATION/JSON",
    "application/json, text/plain, */*",
    "application/graphql-response+json",
    "application/graphql-response+json, application/json",
    "application/json, application/graphql-response+json",
    "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
    "application/json;q=0.5, application/graphql-response+json",
    "application/json;q=0",
    "*/*, application/graphql-response+json",
    "text/html",
    "text/html, */*",
    "application/xml",
    "",
  ].map((accept): Shape => [`accept ${accept || "nothing"}`, READ, (query) => ({ query }), { accept }]),
];

/** What a client sees: status, headers that have a meaning, and body. */
async function seen(response: Response) {
  const headers = Object.fromEntries(response.headers);
  for (const name of ["date", "x-request-id", "connection", "keep-alive"]) delete headers[name];
  return { status: response.status, headers, body: await response.text() };
}

const path = (on: On) => `${on.url}/v1`;
const sent = (body: Body) => (typeof body === "string" ? body : JSON.stringify(body));

async function post(on: On, [, , body]: Shape, query: string, headers: Record<string, string> = {}) {
  const all = { "content-type": "application/json", authorization: on.admin.token, ...headers };
  return seen(await fetch(path(on), { method: "POST", headers: all, body: sent(body(query, on)) }));
}

/** Sends a document until every path has seen it: alone, and with the name of its operation. */
async function warm(on: On, document: string) {
  for (const operationName of [undefined, "Read", "Write", undefined]) {
    const variables = document.includes("Write") ? write(on) : {};
    const headers = { "content-type": "application/json", authorization: on.admin.token };
    const body = JSON.stringify({ query: document, variables, operationName });
    await (await fetch(path(on), { method: "POST", headers, body })).text();
  }
}

describe("the response to a request", () => {
  it.each(shapes)("does not depend on what was sent before: %s", async (...shape) => {
    const [name, document, , headers] = shape;
    // A document that no request has contained yet.
    const query = `${document} # ${name}`;
    const cold = await post(servers.fast, shape, query, headers);
    await warm(servers.fast, query);
    for (const again of [1, 2]) expect(await post(servers.fast, shape, query, headers), `${again}`).toEqual(cold);
    expect(await post(servers.slow, shape, query, headers), "without the fast path").toEqual(cold);
  });

  it("treats an empty operationName as omitted", async () => {
    for (const on of Object.values(servers)) {
      const { body } = await post(on, ["", "", (query) => ({ query, operationName: "" })], READ);
      expect(JSON.parse(body)).toEqual({ data: { workspaces: [{ label: "Blue" }] } });
    }
  });
});

describe("a query by GET", () => {
  const get = async (on: On, parameters: string) =>
    seen(
      await fetch(`${path(on)}?${parameters}`, {
        headers: { authorization: on.admin.token, "apollo-require-preflight": "1" },
      }),
    );
  const query = (name: string) => `query=${encodeURIComponent(`${READ} # GET ${name}`)}`;

  it.each([
    "operationName=",
    "variables=",
    "extensions=",
    "variables=null",
    "extensions=null",
    "operationName=&variables=&extensions=",
  ])("has the response of one without empty parameters: %s", async (empty) => {
    for (const on of Object.values(servers)) {
      const expected = await get(on, query(empty));
      expect(JSON.parse(expected.body)).toEqual({ data: { workspaces: [{ label: "Blue" }] } });
      expect(await get(on, `${query(empty)}&${empty}`)).toEqual(expected);
      expect(await get(on, `${empty}&${query(empty)}`)).toEqual(expected);
    }
  });

  it.each([
    "variables=5",
    "variables=[]",
    "variables={",
    "variables=&variables={}",
    "operationName=Nothing",
    "query=x",
  ])("is rejected with other invalid parameters: %s", async (invalid) => {
    for (const on of Object.values(servers)) {
      expect((await get(on, `${query(invalid)}&${invalid}`)).status).toBe(400);
    }
  });
});

describe("an operation over a WebSocket", () => {
  it.each(protocols)("treats an empty operationName as omitted: %s", async (protocol) => {
    for (const on of Object.values(servers)) {
      const socket = await openAs(on.url, protocol, on.admin.token);
      const type = protocol === "graphql-ws" ? "start" : "subscribe";
      const subscription = 'subscription { deploymentStatus(releaseName: "x") { status } }';
      for (const document of [READ, subscription]) {
        for (const operationName of ["", null, undefined]) {
          socket.send({ type, id: "1", payload: { query: document, variables: {}, operationName } });
          const { payload } = await socket.next(({ type: of }) => ["data", "next", "error"].includes(of));
          const text = JSON.stringify(payload);
          expect(text).toContain(
            document === READ ? '{"data":{"workspaces":[{"label":"Blue"}]}}' : "permissions for that",
          );
          if (document === READ) await socket.next(ofType("complete"));
        }
      }
      operationsOn(socket).stop("1");
      socket.socket.terminate();
    }
  });
});
