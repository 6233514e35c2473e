import { request } from "node:http";
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";

const schema = makeExecutableSchema({
  typeDefs: `type Query { short: String long: String slow: String broken: String none: String! echo(text: String): String }`,
  resolvers: {
    Query: {
      short: () => "short",
      long: () => "long ".repeat(1_000),
      slow: () => new Promise((resolve) => setTimeout(resolve, 1_000, "late")),
      broken: () => {
        throw new Error("connection string postgres://houston:hunter2@db");
      },
      echo: (_: unknown, { text }: { text: string }) => text,
    },
  },
});

const lines: Record<string, unknown>[] = [];
const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const { url, close } = await startTestApp({}, { schema, log });
afterAll(close);
const impatient = await startTestApp({ webserver: { handlerTimeout: 300, headerTimeout: 500 } }, { schema, log });
afterAll(impatient.close);

function post(query: string, headers: Record<string, string> = {}, variables = {}, to = url) {
  const body = JSON.stringify({ query, variables });
  return fetch(`${to}/v1`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}

/** The log line about the request, once it is written. */
async function logged(requestId: string) {
  return await expect
    .poll(() => lines.filter((line) => line.requestId === requestId))
    .toSatisfy((found: unknown[]) => found.length > 0)
    .then(() => lines.filter((line) => line.requestId === requestId));
}

describe("x-request-id", () => {
  it("is returned and logged as sent", async () => {
    const answer = await post("{ short }", { "x-request-id": "Build_7.a-1" });
    expect(answer.headers.get("x-request-id")).toBe("Build_7.a-1");
    expect(await logged("Build_7.a-1")).toMatchObject([
      { method: "POST", path: "/v1", status: 200, fields: ["short"] },
    ]);
  });

  it.each(["a b", "x".repeat(129), "a;b", "<script>"])("is replaced when it is not usable: %s", async (id) => {
    const given = (await post("{ short }", { "x-request-id": id })).headers.get("x-request-id");
    expect(given).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is in every response, errors included", async () => {
    for (const path of ["/v1", "/nothing/here", "/healthz"]) {
      expect((await fetch(`${url}${path}`)).headers.get("x-request-id")).toBeTruthy();
    }
  });
});

describe("the log", () => {
  it("contains the operation and root fields, but neither variables nor credentials", async () => {
    const headers = { authorization: "Bearer hou_very_secret", "x-request-id": "log-1" };
    await post("query Greeting($t: String) { echo(text: $t) again: short }", headers, { t: "my password" });
    await fetch(`${url}/v1?query=%7Becho(text:%22in-the-url%22)%7D`, {
      headers: { "apollo-require-preflight": "1", "x-request-id": "log-2" },
    });
    expect(await logged("log-1")).toMatchObject([{ operation: "Greeting", fields: ["echo", "short"], path: "/v1" }]);
    await logged("log-2");
    expect(JSON.stringify(lines)).not.toMatch(/very_secret|my password|in-the-url/);
  });
});

describe("errors", () => {
  it("hide unexpected causes from the caller and log them", async () => {
    const answer = await post("{ broken short }", { "x-request-id": "broken-1" });
    expect(answer.status).toBe(200);
    const body = await answer.text();
    expect(JSON.parse(body)).toEqual({
      data: { broken: null, short: "short" },
      errors: [
        {
          message: "Internal server error",
          path: ["broken"],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: "INTERNAL_SERVER_ERROR" },
        },
      ],
    });
    expect(body).not.toMatch(/hunter2| at /);
    expect(JSON.stringify(await logged("broken-1"))).toContain("hunter2");
  });

  it("are internal when a resolver returns null for a required field", async () => {
    expect(await (await post("{ none }")).json()).toMatchObject({ errors: [{ message: "Internal server error" }] });
  });

  it("are 503 when a handler takes too long", async () => {
    const answer = await post("{ slow }", {}, {}, impatient.url);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: "SERVICE_UNAVAILABLE" } }] });
  });

  it("are 413 with the limit when a body is too large", async () => {
    const answer = await post(`{ short } # ${"x".repeat(1024 * 1024)}`);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual({
      errors: [
        {
          message: "The request body exceeds the limit of 1048576 bytes",
          extensions: { code: "PAYLOAD_TOO_LARGE" },
        },
      ],
    });
  });

  it("are 400 when a body is not JSON, and 415 when it is compressed", async () => {
    const headers = { "content-type": "application/json" };
    expect((await fetch(`${url}/v1`, { method: "POST", headers, body: "{not json" })).status).toBe(400);
    const answer = await post("{ short }", { "content-encoding": "gzip" });
    expect(answer.status).toBe(415);
    expect(await answer.text()).toContain("content-encoding");
  });

  it("are 400 when the Host header cannot be parsed", async () => {
    const body = JSON.stringify({ query: "{ short }" });
    const headers = { host: "[", "content-type": "application/json", "content-length": String(body.length) };
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${url}/v1`, { method: "POST", headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject).end(body);
    });
    expect(status).toBe(400);
  });

  it.each([
    ["GET", "/nothing/here"],
    ["PUT", "/v1"],
  ])("are 404 as JSON, listing what exists, for an unknown path (%s %s)", async (method, path) => {
    const answer = await fetch(url + path, { method });
    expect(answer.status).toBe(404);
    const message = "Unknown path: GraphQL accepts POST requests at /v1";
    expect(await answer.json()).toEqual({ code: "NOT_FOUND", message });
  });
});

describe("compression", () => {
  /** The raw response: fetch would decompress it. */
  const raw = (query: string, encoding: string) =>
    new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
      const headers = { "content-type": "application/json", "accept-encoding": encoding };
      const sent = request(`${url}/v1`, { method: "POST", headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ encoding: answer.headers["content-encoding"], body: Buffer.concat(chunks) }));
      });
      sent.on("error", reject).end(JSON.stringify({ query }));
    });

  it.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ] as const)("encodes responses over 1 KiB as %s", async (encoding, unpack) => {
    const answer = await raw("{ long }", encoding);
    expect(answer.encoding).toBe(encoding);
    expect(JSON.parse(unpack(answer.body).toString())).toEqual({ data: { long: "long ".repeat(1_000) } });
  });

  it("leaves short responses and clients that do not accept it alone", async () => {
    expect((await raw("{ short }", "br, gzip")).encoding).toBeUndefined();
    expect((await raw("{ long }", "identity")).encoding).toBeUndefined();
  });
});

describe("connections", () => {
  /** The response to these bytes, up to the end of the connection. */
  const responseTo = async (bytes: string, from = url) => {
    const { hostname, port } = new URL(from);
    const socket = connect(Number(port), hostname).setEncoding("utf8");
    socket.write(bytes);
    let text = "";
    for await (const chunk of socket) text += chunk;
    return text;
  };

  it("are closed when they never finish their headers", async () => {
    expect(await responseTo("POST /v1 HTTP/1.1\r\nhost: x\r\n", impatient.url)).toContain("408 Request Timeout");
  });

  it("are rejected with headers over 16 KiB", async () => {
    expect(await responseTo(`GET /v1 HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(17_000)}\r\n\r\n`)).toContain("431 ");
  });
});

it("accept /v1/ like /v1", async () => {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ query: "{ short }", variables: null });
  const answer = await fetch(`${url}/v1/`, { method: "POST", headers, body, redirect: "error" });
  expect(await answer.json()).toEqual({ data: { short: "short" } });
});
