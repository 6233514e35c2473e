import { signToken, type TokenType } from "../src/access/jwt.ts";
import { configFrom } from "../src/platform/config/config.ts";
import { callers, idOf, type Size } from "./data.ts";
import type { Traffic } from "./load.ts";
import { type Call, type Document, type Endpoint, isDocument, type Operation, type Variables } from "./operation.ts";
import { toPostgraphile } from "./postgraphile.ts";
import { type ServerName, secrets } from "./servers.ts";

/** The lifetime of seeded sessions, in milliseconds. */
const DAY = 86_400_000;

/** A token for each caller, by user number. */
const tokensOf = (type: TokenType) =>
  new Map(
    callers.map((person) => {
      const now = new Date();
      const { value } = signToken(
        configFrom({ jwt: { secret: secrets.jwt } }),
        idOf("user", person),
        idOf("session", person),
        now,
        new Date(now.getTime() + DAY),
        type,
      );
      return [person, value] as const;
    }),
  );

const tokens = tokensOf("access");
const cookies = tokensOf("airflow");

/** The token of a caller of `callers`, by user number. */
export const tokenOf = (person: number) => tokens.get(person) ?? "";

/** An HTTP request. */
export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** A call as the server expects it. */
export function requestOf(server: ServerName, target: Document | Endpoint, call: Call): Request {
  const { method, path, content } = isDocument(target)
    ? { method: "POST", ...inWordsOf(server, target, call.variables) }
    : { method: target.method, path: target.path(call.variables), content: target.body?.(call.variables) };
  const credential =
    !isDocument(target) && target.cookie
      ? { cookie: `houston_airflow=${cookies.get(call.person) ?? ""}` }
      : { authorization: `${isDocument(target) ? "" : "Bearer "}${tokenOf(call.person)}` };
  const more = isDocument(target) ? undefined : target.headers?.(call.variables);
  const headers = { ...credential, accept: "application/json", ...more };
  if (content === undefined) return { method, path, headers };
  return { method, path, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(content) };
}

/** The bytes of the HTTP request. */
export function onWire({ method, path, headers, body }: Request): Buffer {
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join("")}\r\n${body ?? ""}`);
}

function inWordsOf(server: ServerName, document: Document, variables: Variables) {
  switch (server) {
    case "limit":
      return { path: `/${document.name}`, content: { variables } };
    case "houston":
    case "baseline":
      return { path: "/v1", content: { query: document.query, variables } };
    case "postgraphile":
      return { path: "/graphql", content: toPostgraphile(document, variables) };
    default:
      return { path: "/graphql", content: { query: document.query, variables } };
  }
}

/** Rows created in one run have different numbers for all servers. */
let made = 0;

/** An operation as endless requests for a server. */
export function trafficOf(server: ServerName, operation: Operation, size: Size): Traffic {
  const { target, followUp, fresh } = operation;
  const calls = operation.calls(size);
  const callAt = (n: number): Call => calls[n % calls.length] ?? { person: 0, variables: {} };
  if (!fresh || !followUp) {
    const ready = calls.map((call) => onWire(requestOf(server, target, call)));
    return { first: (n) => ready[n % ready.length] ?? Buffer.alloc(0) };
  }
  return {
    first(n) {
      const { person, variables } = callAt(n);
      return onWire(requestOf(server, target, { person, variables: fresh(variables, made++) }));
    },
    followUp(n, body) {
      const { person, variables } = callAt(n);
      const id = /"id"\s*:\s*"([^"]+)"/.exec(body.toString("latin1", 0, Math.min(500, body.length)))?.[1] ?? "";
      return onWire(requestOf(server, followUp.target, { person, variables: followUp.variables(variables, { id }) }));
    },
  };
}
