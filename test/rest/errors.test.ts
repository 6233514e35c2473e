import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";

const lines: Record<string, unknown>[] = [];
const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const bodyLimit = 20_000;
const cors = { allowedOrigins: ["https://tools.example.com"] };
const { app, url, operationsUrl, db, config, close } = await startTestApp({ webserver: { bodyLimit }, cors }, { log });
afterAll(close);
const build = createBuild(db, config);
const admin = await build.systemAdmin();

const HOME = `/organizations/${DEFAULT_ORGANIZATION}`;
const LIST = `${HOME}/workspaces`;

interface Given {
  method?: string;
  path?: string;
  body?: string;
  headers?: Record<string, string>;
  at?: string;
}

async function send({ method = "GET", path = "/organizations", body, headers = {}, at = url }: Given = {}) {
  const response = await fetch(`${at}${REST_PREFIX}${path}`, {
    method,
    headers: {
      authorization: admin.token,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  const json: any = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: json };
}

/** The log line about a request, once it is written. */
async function logged(requestId: string) {
  const found = () => lines.filter((line) => line.requestId === requestId && line.status !== undefined);
  await expect.poll(() => found().length).toBe(1);
  return found()[0];
}

let requests = 0;
/** An error with everything that every error has. */
async function errorOf(given: Given) {
  const requestId = `errors-${++requests}`;
  const answer = await send({ ...given, headers: { ...given.headers, "x-request-id": requestId } });
  const { status, headers, body } = answer;
  expect(headers.get("x-request-id")).toBe(requestId);
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(body).toMatchObject({ message: expect.any(String), requestId, statusCode: status });
  expect(await logged(requestId)).toMatchObject({ status, method: given.method ?? "GET" });
  return { status, message: body.message as string, fieldErrors: body.fieldErrors, body };
}

describe("errors", () => {
  it("have a message, the request ID of the log, the status, and the fields at fault", async () => {
    const { body } = await errorOf({ method: "POST", path: LIST, body: `{"label":1,"description":2}` });
    const name = "is required and must be a string of 1 to 50 characters";
    const long = "must be a string of at most 1,000 characters";
    expect(body).toEqual({
      message: `name: ${name}; description: ${long}; label: is not a known field`,
      requestId: body.requestId,
      statusCode: 400,
      fieldErrors: [
        { code: "invalid_type", field: "name", message: name },
        { code: "invalid_type", field: "description", message: long },
        { code: "unrecognized_keys", field: "label", message: "is not a known field" },
      ],
    });
    expect(await logged(body.requestId)).toMatchObject({
      operation: "createWorkspace",
      via: "rest",
      errors: ["BAD_USER_INPUT"],
    });
  });

  it("replace a request ID that cannot be used", async () => {
    const { headers, body } = await send({ path: "/nothing", headers: { "x-request-id": "a b" } });
    expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-request-id")).toBe(body.requestId);
  });

  it.each<[string, Given, number, string]>([
    ["JSON that ends early", { body: `{"name":` }, 400, "not valid JSON"],
    ["a member that would change the prototype", { body: `{"name":"x","__proto__":{}}` }, 400, "JSON"],
    ["a list", { body: `[]` }, 400, "body: must be an object"],
    ["a string", { body: `"x"` }, 400, "body: must be an object"],
    ["null", { body: `null` }, 400, "body: must be an object"],
    ["nothing", { body: `` }, 400, "body: is required and must be an object"],
    ["text", { body: `{}`, headers: { "content-type": "text/plain" } }, 400, "content-type: must be application/json"],
    [
      "a form",
      { body: `name=x`, headers: { "content-type": "application/x-www-form-urlencoded" } },
      400,
      "content-type: must be application/json",
    ],
    [
      "compressed JSON",
      { body: `{}`, headers: { "content-encoding": "gzip" } },
      400,
      "content-encoding: must be omitted",
    ],
    ["too much", { body: `{"name":"${"x".repeat(bodyLimit)}"}` }, 400, `exceeds the limit of ${bodyLimit} bytes`],
    ["a NUL character", { body: `{"name":"a\\u0000"}` }, 400, "name: must not contain a NUL character"],
    ["an unpaired surrogate", { body: `{"name":"a\\ud800"}` }, 400, "name: must be valid Unicode"],
    ["a NUL character in a key", { body: `{"a\\u0000":1}` }, 400, "must not contain a NUL character"],
    ["deep nesting", { body: `{"name":${"[".repeat(40)}${"]".repeat(40)}}` }, 400, "name"],
  ])("reject a body that is %s", async (_, given, status, message) => {
    const before = await db.workspace.count();
    const error = await errorOf({ method: "POST", path: LIST, ...given });
    expect(error).toMatchObject({ status, message: expect.stringContaining(message) });
    expect(await db.workspace.count()).toBe(before);
  });

  it.each<[string, Given, number, string]>([
    ["unknown path", { path: "/nothing" }, 404, "Unknown path or method"],
    ["trailing slash", { path: `${LIST}/` }, 400, "workspaceId: is required"],
    ["empty ID", { path: "/organizations//workspaces" }, 400, "organizationId: is required"],
    ["path in another case", { path: "/Organizations" }, 404, "Unknown path or method"],
    ["unknown method", { method: "PUT", path: HOME, body: "{}" }, 404, "Unknown path or method"],
    ["other method", { method: "PATCH", path: HOME, body: "{}" }, 404, "Unknown path or method"],
    ["method of another path", { method: "DELETE", path: HOME }, 404, "Unknown path or method"],
    ["NUL in the path", { path: "/organizations/a%00b" }, 400, "organizationId: must not contain a NUL character"],
    ["NUL in a row's ID", { path: `${LIST}/a%00b` }, 400, "workspaceId: must not contain a NUL character"],
    ["NUL in the query", { path: `${LIST}?names=a%00b` }, 400, "names: must not contain a NUL character"],
    ["NUL in the name of a parameter", { path: `${LIST}?a%00b=1` }, 400, "must not contain a NUL character"],
    ["__proto__ in the query", { path: `${LIST}?__proto__=1` }, 400, "__proto__: is not a known field"],
    ["constructor in the query", { path: `${LIST}?constructor=1` }, 400, "constructor: is not a known field"],
    ["very long ID", { path: `${LIST}/${"x".repeat(5_000)}` }, 404, "Workspace not found"],
    ["ID with a slash", { path: `${LIST}/a%2Fb` }, 404, "Workspace not found"],
    ["ID with SQL", { path: `${LIST}/${encodeURIComponent("' OR 1=1 --")}` }, 404, "Workspace not found"],
  ])("answer a request with %s", async (_, given, status, message) => {
    expect(await errorOf(given)).toMatchObject({ status, message: expect.stringContaining(message) });
  });

  it("have their format also if the path cannot be decoded", async () => {
    for (const path of ["/organizations/%zz", `${LIST}/%E0%A4%A`, "/%", "/organizations/%C0%80"]) {
      const { status, message } = await errorOf({ path });
      expect([status, message]).toEqual([400, "The path of the URL is not valid: a % must be followed by UTF-8"]);
    }
  });

  it("tell anonymous callers nothing else", async () => {
    const { workspace } = await build.workspace();
    for (const given of [
      { path: LIST },
      { path: `${LIST}/${workspace.id}` },
      { path: `${LIST}/nowhere` },
      { method: "POST", path: LIST, body: `{"x":1}` },
      { method: "DELETE", path: `${LIST}/${workspace.id}` },
      { path: "/organizations?limit=x" },
      { path: "/organizations/a%00b" },
    ]) {
      const error = await errorOf({ ...given, headers: { authorization: "" } });
      expect(error).toMatchObject({
        status: 401,
        message: "The token is missing, invalid or expired: send a valid one as Authorization: Bearer <token>",
        fieldErrors: undefined,
      });
    }
  });
});

describe("credentials", () => {
  const statusFor = async (authorization: string) => (await send({ headers: { authorization } })).status;

  it("are a bare token, or a Bearer token in any case", async () => {
    for (const start of ["", "Bearer ", "bearer ", "BEARER  "])
      expect(await statusFor(`${start}${admin.token}`)).toBe(200);
  });

  it("are the API key of a service account", async () => {
    const { token, id } = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    for (const start of ["", "Bearer "]) expect(await statusFor(`${start}${token}`)).toBe(200);
    await app.services.lastUsed.flush();
    expect((await db.serviceAccount.findUniqueOrThrow({ where: { id } })).lastUsedAt).not.toBeNull();
    await db.serviceAccount.delete({ where: { id } });
    expect(await statusFor(token)).toBe(401);
  });

  it("are rejected when they are missing, malformed, expired or revoked, or their user is not active", async () => {
    const { id, token } = await build.user();
    expect(await statusFor(token)).toBe(200);
    for (const bad of ["", "Bearer", "Basic eDp5", "not.a.token", `${token}x`, "hou_unknown", `Token ${token}`]) {
      expect(await statusFor(bad), bad).toBe(401);
    }
    const inactive = await build.user({ status: "pending" });
    expect(await statusFor(inactive.token)).toBe(401);
    await db.session.updateMany({ where: { userId: id }, data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect(await statusFor(token)).toBe(401);
    const revoked = await build.user();
    await db.session.deleteMany({ where: { userId: revoked.id } });
    expect(await statusFor(revoked.token)).toBe(401);
    // Also where what is wrong with the request would be told.
    const headers = { authorization: revoked.token };
    expect((await send({ path: "/organizations?limit=x", headers })).status).toBe(401);
    expect((await send({ method: "POST", path: LIST, body: "{}", headers })).status).toBe(401);
  });
});

describe("answers", () => {
  it("are never stored, and have their request's ID", async () => {
    const { status, headers } = await send({ headers: { "x-request-id": "fine-1" } });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("x-request-id")).toBe("fine-1");
    expect(await logged("fine-1")).toMatchObject({
      ...{ operation: "listOrganizations", via: "rest", method: "GET", status: 200 },
      path: `${REST_PREFIX}/organizations`,
    });
  });

  it("of a deletion have no body", async () => {
    const { workspace, admin: owner } = await build.workspace();
    const headers = { authorization: owner.token, "x-request-id": "fine-2", "content-type": "application/json" };
    const answer = await send({ method: "DELETE", path: `${LIST}/${workspace.id}`, headers });
    expect([answer.status, answer.body, answer.headers.get("content-type")]).toEqual([204, undefined, null]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await logged("fine-2")).toMatchObject({ operation: "deleteWorkspace", status: 204 });
  });

  it("to HEAD have the headers of GET only", async () => {
    const [get, head] = [await send({ path: HOME }), await send({ method: "HEAD", path: HOME })];
    expect([head.status, head.body]).toEqual([200, undefined]);
    for (const name of ["content-length", "content-type", "cache-control"])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    expect((await send({ method: "HEAD", path: `${LIST}/nowhere` })).status).toBe(404);
  });

  it.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ])("over 1 KiB are compressed with %s", async (encoding, decompress) => {
    for (let n = 0; n < 5; n++) await build.workspace({ description: "x".repeat(300) });
    const { headers, chunks } = await new Promise<{ headers: Record<string, unknown>; chunks: Buffer }>((resolve) => {
      const sent = { authorization: admin.token, "accept-encoding": encoding };
      request(`${url}${REST_PREFIX}${LIST}`, { headers: sent }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ headers: response.headers, chunks: Buffer.concat(parts) }));
      }).end();
    });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(String(headers.vary)).toMatch(/accept-encoding/i);
    expect(JSON.parse(decompress(chunks).toString()).workspaces.length).toBeGreaterThan(4);
  });

  it("are readable by pages of allowed origins, which may also delete", async () => {
    const preflight = async (origin: string) => {
      const asked = { origin, "access-control-request-method": "DELETE" };
      return (await send({ method: "OPTIONS", path: `${LIST}/x`, headers: asked })).headers;
    };
    const allowed = await preflight("https://tools.example.com");
    expect(allowed.get("access-control-allow-origin")).toBe("https://tools.example.com");
    expect(allowed.get("access-control-allow-methods")).toContain("DELETE");
    expect((await preflight("https://evil.example.com")).get("access-control-allow-origin")).toBeNull();
    const { headers } = await send({ path: "/nothing", headers: { origin: "https://tools.example.com" } });
    expect(headers.get("access-control-allow-origin")).toBe("https://tools.example.com");
    expect(headers.get("access-control-expose-headers")).toBe("x-request-id, retry-after");
  });
});

describe("logs and metrics", () => {
  it("contain neither credentials nor the query or the body", async () => {
    const headers = { "x-request-id": "quiet-1" };
    await send({ path: `${LIST}?names=in-the-query`, headers });
    await send({
      method: "POST",
      path: LIST,
      body: `{"name":"in-the-body","x":1}`,
      headers: { "x-request-id": "quiet-2" },
    });
    await logged("quiet-1");
    await logged("quiet-2");
    const text = JSON.stringify(lines);
    expect(text).not.toContain(admin.token);
    expect(text).not.toMatch(/in-the-query|in-the-body/);
  });

  it("count requests by route, whatever their paths", async () => {
    const series = async () => {
      const text = await (await fetch(`${operationsUrl}/metrics`)).text();
      return text.split("\n").filter((line) => line.startsWith("houston_http_request_duration_seconds_count"));
    };
    await send({ path: `${LIST}/a0` });
    await send({ path: "/a0" });
    await expect
      .poll(async () => (await series()).join())
      .toContain(`${REST_PREFIX}/organizations/:organizationId/workspaces/:workspaceId`);
    const before = (await series()).length;
    for (let n = 1; n <= 20; n++) {
      await send({ path: `${LIST}/a${n}` });
      await send({ path: `/a${n}` });
      await send({ path: `/organizations/a${n}/b${n}/c${n}` });
    }
    expect((await series()).length).toBe(before);
    expect((await series()).join()).not.toMatch(/\/a\d|clorgdefault/);
  });
});

describe("without a database", () => {
  it("operations get 500 without details, and the log has the cause", async () => {
    const lonely = await startTestApp({}, { log });
    const its = createBuild(lonely.db, lonely.config);
    const someone = await its.systemAdmin();
    const { workspace } = await its.workspace();
    await lonely.database.drop();
    const headers = { authorization: someone.token };
    for (const given of [
      { path: "/organizations" },
      { path: LIST },
      { path: `${LIST}/${workspace.id}` },
      { method: "POST", path: LIST, body: `{"name":"x"}` },
      {
        method: "POST",
        path: `${LIST}/${workspace.id}`,
        body: `{"name":"x","description":"","cicdEnforcedDefault":true}`,
      },
      { method: "POST", path: "/organizations", body: `{"name":"x"}` },
      { method: "DELETE", path: `${LIST}/${workspace.id}` },
      { path: "/organizations?limit=x" },
    ]) {
      const { status, body } = await send({ ...given, at: lonely.url, headers });
      expect([status, Object.keys(body)], JSON.stringify(given)).toEqual([500, ["message", "requestId", "statusCode"]]);
      expect(body.message).toMatch(/^(Internal server error|The database is temporarily unavailable; try again)$/);
    }
    await lonely.close();
  });
});
