import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { afterAll, describe, expect, it, vi } from "vitest";
import { newApiKey } from "../../src/access/apiKey.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { sealDetails } from "../../src/services/clickstream/connectionDetails.ts";
import { createAlpha } from "../support/alpha.ts";
import { startTestApp, testSecret } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { countStatements } from "../support/countStatements.ts";
import { createRouterRows } from "./routerRows.ts";

const lines: string[] = [];
const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
const running = await startTestApp({}, { log });
afterAll(running.close);
const { url, operationsUrl, db, config, app } = running;
const build = createBuild(db, config);
const rows = createRouterRows(running);

const { organization, owner, member, outsider } = await build.organization();
const elsewhere = await build.organization();
const keyOf = (role: "ORGANIZATION_ROUTER" | "ORGANIZATION_USER" | "ORGANIZATION_OWNER", organizationId: string) =>
  build.serviceAccount({ role, organizationId });
const router = await keyOf("ORGANIZATION_ROUTER", organization.id);
const secret = "s3cret-of-the-receiver";
const details = { url: "https://receiver.example.com/events", headerName: "X-Secret", headerValue: secret };

/** An Application with one Integration. */
async function pipeline() {
  const application = await rows.application(organization.id);
  const connection = await rows.connection(organization.id, details);
  const integration = await rows.integration(application.id, connection.id);
  return { application, connection, integration };
}
const { application, connection, integration } = await pipeline();

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  from?: string;
}

/** The response as it is sent, to a request with these headers only. */
async function raw(path: string, { method = "GET", headers = {}, from = url }: Sent = {}) {
  const request = httpRequest(`${from}${path}`, { method, headers: { connection: "close", ...headers } });
  request.end();
  const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
  const sent: IncomingHttpHeaders = { ...response.headers };
  return { status: response.statusCode, headers: sent, body: await text(response) };
}

const pathOf = (id: string) => `/alpha/applications/${id}/config`;
const get = (id: string, { token }: { token: string } = router, sent: Sent = {}) =>
  raw(pathOf(id), { ...sent, headers: { authorization: token, ...sent.headers } });

describe("the configuration for event routers", () => {
  it("contains the Application, and its Integrations with the decrypted details of their Connections", async () => {
    const { status, headers, body } = await get(application.id);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "private, no-cache",
      vary: expect.stringMatching(/(^|, )authorization$/),
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
    });
    const { integrationCode, name } = connection;
    expect(JSON.parse(body)).toEqual({
      application: { id: application.id, name: "Shop", platform: "server", organizationId: organization.id },
      integrations: [
        {
          ...{ id: integration.id, name: "Orders", integrationCode, config: { events: [], batchSize: 1 } },
          connection: { id: connection.id, name, integrationCode, details },
        },
      ],
    });
  });

  it("lists Integrations by the time of their creation, and none of other Applications", async () => {
    const { application: other, connection: shared, integration: first } = await pipeline();
    const second = await rows.integration(other.id, shared.id);
    const { body } = await get(other.id);
    expect(JSON.parse(body).integrations.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);
    const empty = await rows.application(organization.id);
    expect(JSON.parse((await get(empty.id)).body).integrations).toEqual([]);
  });

  it.each([
    ["an API key with the role Router", () => router],
    ["the same after `Bearer `", () => ({ token: `Bearer ${router.token}` })],
    ["an API key with the role Owner", () => keyOf("ORGANIZATION_OWNER", organization.id)],
    ["the API key of a service account of the platform that is System Admin", () => systemAccount("SYSTEM_ADMIN")],
  ])("is given to %s", async (_, someone) => {
    expect((await get(application.id, await someone())).status).toBe(200);
  });

  it("is read with one statement", async () => {
    const { statements } = await countStatements(() => get(application.id));
    expect(statements).toHaveLength(1);
  });

  it("answers HEAD with the headers of GET", async () => {
    const [head, full] = [await get(application.id, router, { method: "HEAD" }), await get(application.id)];
    expect([head.status, head.body]).toEqual([200, ""]);
    const { etag, vary } = full.headers;
    expect(head.headers).toMatchObject({ etag, vary, "content-length": full.headers["content-length"] });
  });

  it("is not compressed, so that its entity tag stays strong", async () => {
    const { application: large, connection: shared } = await pipeline();
    await rows.integration(large.id, shared.id, { events: Array.from({ length: 200 }, (_, n) => `event ${n}`) });
    const { status, headers, body } = await get(large.id, router, { headers: { "accept-encoding": "gzip, br" } });
    expect([status, headers["content-encoding"]]).toEqual([200, undefined]);
    expect(JSON.parse(body).integrations).toHaveLength(2);
  });

  it("records that the key was used", async () => {
    await app.services.lastUsed.flush();
    const { lastUsedAt } = await db.serviceAccount.findUniqueOrThrow({ where: { id: router.id } });
    expect(lastUsedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it("is served below webserver.alphaEndpoint", async () => {
    const moved = await startTestApp({ webserver: { alphaEndpoint: "/first/" } });
    try {
      const { organization: own } = await createBuild(moved.db, moved.config).organization();
      const account = { role: "ORGANIZATION_ROUTER", organizationId: own.id } as const;
      const { token } = await createBuild(moved.db, moved.config).serviceAccount(account);
      const { id } = await createRouterRows(moved).application(own.id);
      const sent = { from: moved.url, headers: { authorization: token } };
      expect((await raw(`/first/applications/${id}/config`, sent)).status).toBe(200);
      expect((await raw(pathOf(id), sent)).status).toBe(404);
    } finally {
      await moved.close();
    }
  });
});

const systemAccount = (role: "SYSTEM_ADMIN" | "SYSTEM_VIEWER" | "SYSTEM_EDITOR") => build.serviceAccount({ role });

/** Response headers of two requests that are the same but for the path. */
const comparable = ({ date: _, ...headers }: IncomingHttpHeaders) => headers;

/** Sends the request to `path` and to an unknown path. Both responses must be the same. */
async function expectUnknown(path: string, sent: Sent, status = 404) {
  const same = { ...sent, headers: { "x-request-id": "same", ...sent.headers } };
  const [response, unknown] = [await raw(path, same), await raw("/alpha/nothing", same)];
  expect(response.status).toBe(status);
  expect([response.body, comparable(response.headers)]).toEqual([unknown.body, comparable(unknown.headers)]);
}

describe("to everyone else, the configuration is an unknown path:", () => {
  const workspaceAdmin = async () => {
    const { workspace } = await build.workspace();
    await db.workspace.update({ where: { id: workspace.id }, data: { organizationId: organization.id } });
    return build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
  };
  const revoked = async () => {
    const key = await keyOf("ORGANIZATION_ROUTER", organization.id);
    expect((await get(application.id, key)).status).toBe(200);
    const scoped = createAlpha(url)(owner, { organization: organization.id });
    const { data } = await scoped.send(
      "mutation ($id: String!) { r: updateApiKey(apiKeyId: $id, delete: true) { success } }",
      {
        id: key.id,
      },
    );
    expect(data.r).toEqual({ success: true });
    return key;
  };
  const inactive = async () => {
    const key = await keyOf("ORGANIZATION_ROUTER", organization.id);
    await db.serviceAccount.update({ where: { id: key.id }, data: { active: false } });
    return key;
  };
  const damaged = () => ({ token: router.token.replace(/.$/, (last) => (last === "0" ? "1" : "0")) });

  it.each<[string, () => { token: string } | undefined | Promise<{ token: string }>]>([
    ["no credential", () => undefined],
    ["an empty credential", () => ({ token: "" })],
    ["a nonsense credential", () => ({ token: "nonsense" })],
    ["a damaged API key", damaged],
    ["an unknown API key", () => ({ token: newApiKey() })],
    ["a token of the Owner", () => owner],
    ["a token of a User", () => member],
    ["a token of an outsider", () => outsider],
    ["a token of a System Admin", () => build.systemAdmin()],
    ["an API key with the role User", () => keyOf("ORGANIZATION_USER", organization.id)],
    ["a Router of another Organization", () => keyOf("ORGANIZATION_ROUTER", elsewhere.organization.id)],
    ["an Owner's key of another Organization", () => keyOf("ORGANIZATION_OWNER", elsewhere.organization.id)],
    ["an admin account of a Workspace in the Organization", workspaceAdmin],
    ["a service account of the platform that is System Viewer", () => systemAccount("SYSTEM_VIEWER")],
    ["a service account of the platform that is System Editor", () => systemAccount("SYSTEM_EDITOR")],
    ["a revoked API key", revoked],
    ["an inactive API key", inactive],
  ])("%s", async (_, someone) => {
    const caller = await someone();
    const headers: Record<string, string> = caller ? { authorization: caller.token } : {};
    const page = { accept: "text/html", "accept-encoding": "gzip, br" };
    await expectUnknown(pathOf(application.id), { headers });
    await expectUnknown(pathOf(application.id), { headers: { ...headers, ...page, origin: "https://example.com" } });
    await expectUnknown(pathOf(application.id), { headers: { ...headers, "if-none-match": "*" } });
    await expectUnknown(pathOf(application.id), { method: "HEAD", headers });
  });

  it.each([
    ["POST", 404],
    ["PUT", 404],
    ["DELETE", 404],
    // Not a preflight request of a browser.
    ["OPTIONS", 400],
  ])("the method %s", async (method, status) => {
    await expectUnknown(pathOf(application.id), { method, headers: { authorization: router.token } }, status);
  });

  it.each([
    ["an unknown ID", pathOf("0".repeat(21))],
    ["an ID in other case", pathOf(application.id.toUpperCase())],
    ["a short ID", pathOf("1")],
    ["an empty ID", pathOf("")],
    ["a long ID", pathOf("x".repeat(5_000))],
    ["an ID with a NUL character", pathOf("%00".repeat(21))],
    ["an ID with a quote", pathOf("'".padEnd(21, "0"))],
    ["an ID with a slash", pathOf(`${application.id}%2F`)],
    ["an ID beyond ASCII", pathOf("%C3%A9".repeat(21))],
    ["an ID and a space", pathOf(`${application.id}%20`)],
    ["a path with a trailing slash", `${pathOf(application.id)}/`],
  ])("%s", async (_, path) => {
    await expectUnknown(path, { headers: { authorization: router.token } });
  });

  it("an Application of an Organization that was deleted", async () => {
    const { organization: old } = await build.organization();
    const key = await keyOf("ORGANIZATION_ROUTER", old.id);
    const gone = await rows.application(old.id);
    expect((await get(gone.id, key)).status).toBe(200);
    await db.organization.delete({ where: { id: old.id } });
    await expectUnknown(pathOf(gone.id), { headers: { authorization: key.token } });
  });
});

describe("the entity tag", () => {
  const etagOf = async (id: string) => String((await get(id)).headers.etag);
  const conditional = (id: string, known: string, sent: Sent = {}) =>
    get(id, router, { ...sent, headers: { "if-none-match": known } });

  it("is the same as long as nothing changes, for every key", async () => {
    const etag = await etagOf(application.id);
    expect(await etagOf(application.id)).toBe(etag);
    const another = await keyOf("ORGANIZATION_OWNER", organization.id);
    expect((await get(application.id, another)).headers.etag).toBe(etag);
  });

  it("answers 304 without decrypting, to GET and HEAD", async () => {
    const etag = await etagOf(application.id);
    const open = vi.spyOn(app.services.secrets, "open");
    try {
      for (const method of ["GET", "HEAD"]) {
        const { status, headers, body } = await conditional(application.id, etag, { method });
        expect([status, body]).toEqual([304, ""]);
        expect(headers).toMatchObject({ etag, "cache-control": "private, no-cache" });
        expect(headers.vary).toContain("authorization");
      }
      expect(open).not.toHaveBeenCalled();
      await get(application.id);
      expect(open).toHaveBeenCalledOnce();
    } finally {
      open.mockRestore();
    }
  });

  it("is found in a list, as a weak tag, and by *", async () => {
    const etag = await etagOf(application.id);
    for (const known of [`"other", ${etag}`, `W/"other",W/${etag}`, "*"])
      expect((await conditional(application.id, known)).status).toBe(304);
    for (const known of ["", '"other"', etag.slice(1, -1), etag.toLowerCase()])
      expect((await conditional(application.id, known)).status).toBe(200);
  });

  type Pipeline = Awaited<ReturnType<typeof pipeline>>;
  it.each<[string, (changed: Pipeline) => Promise<unknown>]>([
    [
      "the Application is renamed",
      ({ application: { id } }) => db.application.update({ where: { id }, data: { name: "B" } }),
    ],
    [
      "its platform changes",
      ({ application: { id } }) => db.application.update({ where: { id }, data: { platform: "analytics.js" } }),
    ],
    ["an Integration is added", (one) => rows.integration(one.application.id, one.connection.id)],
    [
      "an Integration is renamed",
      ({ integration: { id } }) => db.integration.update({ where: { id }, data: { name: "B" } }),
    ],
    [
      "the config of an Integration changes",
      ({ integration: { id } }) => db.integration.update({ where: { id }, data: { configPayload: { events: ["A"] } } }),
    ],
    ["an Integration is deleted", ({ integration: { id } }) => db.integration.delete({ where: { id } })],
    [
      "an Integration is given another Connection",
      async ({ integration: { id } }) => {
        const { id: connectionId } = await rows.connection(organization.id, details);
        await db.integration.update({ where: { id }, data: { connectionId } });
      },
    ],
    [
      "a Connection is renamed",
      ({ connection: { id } }) => db.connection.update({ where: { id }, data: { name: "B" } }),
    ],
    [
      "the details of a Connection are replaced",
      ({ connection: { id } }) => {
        const sealed = sealDetails(app.services.secrets, id, { ...details, headerValue: "another" });
        return db.connection.update({ where: { id }, data: { details: sealed } });
      },
    ],
  ])("changes when %s", async (_, change) => {
    const changed = await pipeline();
    const etag = await etagOf(changed.application.id);
    await change(changed);
    const { status, headers } = await conditional(changed.application.id, etag);
    expect(status).toBe(200);
    expect(headers.etag).not.toBe(etag);
    expect((await conditional(changed.application.id, String(headers.etag))).status).toBe(304);
  });

  it("does not change with Integrations of other Applications", async () => {
    const etag = await etagOf(application.id);
    const other = await pipeline();
    await rows.integration(other.application.id, connection.id);
    expect(await etagOf(application.id)).toBe(etag);
  });
});

describe("the encryption of details", () => {
  it("may get a new key: the entity tag stays, until details are encrypted with it", async () => {
    const newKey = "ab".repeat(32);
    const rotated = await startTestApp({ encryption: { keys: [newKey, testSecret] } });
    try {
      const people = createBuild(rotated.db, rotated.config);
      const own = createRouterRows(rotated);
      const { organization: home } = await people.organization();
      const { token } = await people.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: home.id });
      const { id } = await own.application(home.id);
      const sealed = await own.connection(home.id, details, { box: secretBox([testSecret]) });
      await own.integration(id, sealed.id);
      const read = () => raw(pathOf(id), { from: rotated.url, headers: { authorization: token } });
      const before = await read();
      expect(JSON.parse(before.body).integrations[0].connection.details).toEqual(details);
      const again = sealDetails(secretBox([newKey]), sealed.id, details);
      await rotated.db.connection.update({ where: { id: sealed.id }, data: { details: again } });
      const after = await read();
      expect([after.status, after.body]).toEqual([200, before.body]);
      expect(after.headers.etag).not.toBe(before.headers.etag);
    } finally {
      await rotated.close();
    }
  });

  it("that no key opens is an internal error, which is logged and shows no detail", async () => {
    const { id } = await rows.application(organization.id);
    const sealed = await rows.connection(organization.id, details, { box: secretBox(["cd".repeat(32)]) });
    await rows.integration(id, sealed.id);
    lines.length = 0;
    const { status, headers, body } = await get(id);
    expect([status, JSON.parse(body)]).toEqual([
      500,
      { code: "INTERNAL_SERVER_ERROR", message: "Internal server error" },
    ]);
    expect(headers).toMatchObject({ "cache-control": "no-store" });
    expect(headers.etag).toBeUndefined();
    expect(lines.join("")).toContain(`No key in encryption.keys opens the value of Connection:${sealed.id}`);
  });

  it("is bound to the Connection: details that were moved to another one are an internal error", async () => {
    const moved = await pipeline();
    const data = { details: connection.details };
    await db.connection.update({ where: { id: moved.connection.id }, data });
    expect((await get(moved.application.id)).status).toBe(500);
  });
});

describe("requests for the configuration", () => {
  it("are logged and measured like others, without key and details", async () => {
    lines.length = 0;
    await get(application.id);
    await get(application.id, owner);
    await expect.poll(() => lines.filter((line) => line.includes('"msg":"request"'))).toHaveLength(2);
    const logged = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
    const common = { method: "GET", path: pathOf(application.id) };
    expect(logged).toMatchObject([
      { ...common, status: 200 },
      { ...common, status: 404 },
    ]);
    const metrics = await (await fetch(`${operationsUrl}/metrics`)).text();
    const route = 'route="/alpha/applications/:applicationId/config",status="200"';
    expect(metrics).toMatch(new RegExp(`houston_http_request_duration_seconds_count\\{method="GET",${route}\\} \\d`));
    for (const hidden of [secret, router.token, owner.token]) expect(lines.join("")).not.toContain(hidden);
  });
});
