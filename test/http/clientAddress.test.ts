import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { createClientAddress } from "../../src/api/http/clientAddress.ts";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";
import { openAs, operationsOn } from "../support/sockets.ts";

// biome-ignore lint/suspicious/noExplicitAny: a log line has any members.
const lines: any[] = [];
const log = pino({ level: "info" }, { write: (line) => void lines.push(JSON.parse(line)) });
const start = async (trustedProxies: string[]) => {
  const running = await startTestApp({ webserver: { trustedProxies } }, { log });
  afterAll(() => running.close());
  return { ...running, build: createBuild(running.db, running.config) };
};
const open = await start([]);
const proxied = await start(["127.0.0.0/8", "10.0.0.0/8"]);

let requests = 0;
type At = Awaited<ReturnType<typeof start>>;
/** Sends a request and returns its line in the access log. */
async function lineOf({ url }: At, query: string, headers: Record<string, string> = {}, path = "/v1") {
  const requestId = `address-${++requests}`;
  await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-request-id": requestId, ...headers },
    body: JSON.stringify({ query }),
  });
  const find = () => lines.find((line) => line.requestId === requestId && line.msg === "request");
  await expect.poll(find).toBeDefined();
  return find();
}
const CREATE = (label: string) => `mutation { createWorkspace(label: "${label}") { id } }`;

describe("the access log", () => {
  it("names address and caller: Apollo, the fast path, the Platform API and a denial", async () => {
    const { id, token } = await open.build.user();
    const caller = `user:${id}`;
    const query = "query Named { workspaces { id } }";
    for (const via of ["apollo", "fast"]) {
      const line = await lineOf(open, query, { authorization: token });
      if (open.config.fastPath.enabled) expect(line.via).toBe(via);
      expect(line).toMatchObject({ address: "127.0.0.1", caller });
    }
    const account = await open.build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const line = await lineOf(open, query, { authorization: account.token });
    expect(line).toMatchObject({ caller: `serviceAccount:${account.id}` });
    const denied = await lineOf(open, `mutation { removeUser(id: "x") { id } }`, { authorization: token });
    expect(denied).toMatchObject({ caller, errors: ["FORBIDDEN"] });
    await lineOf(open, "", { authorization: `Bearer ${token}` }, "/platform/v1beta1/organizations");
    expect(lines.at(-1)).toMatchObject({ address: "127.0.0.1" });
    const anonymous = await lineOf(open, "{ appConfig { version } }");
    expect(anonymous).toMatchObject({ address: "127.0.0.1" });
    expect(anonymous).not.toHaveProperty("caller");
    expect(JSON.stringify(lines)).not.toContain(token);
    expect(JSON.stringify(lines)).not.toContain(account.token);
  });

  it("names whoever signed in", async () => {
    const signUp = `mutation { createUser(email: "first@example.com", password: "long enough") { user { id } } }`;
    expect(await lineOf(await start([]), signUp)).toMatchObject({ caller: expect.stringMatching(/^user:\w+$/) });
  });

  it("has the address of a path that cannot be decoded", async () => {
    await fetch(`${open.url}/%zz`);
    await expect.poll(() => lines.find((line) => line.path === "/%zz")).toMatchObject({ address: "127.0.0.1" });
  });

  it("names address and caller of operations over a WebSocket", async () => {
    const { id, token } = await open.build.user();
    const socket = await openAs(open.url, "graphql-transport-ws", token);
    operationsOn(socket).start("1", "query OnSocket { workspaces { id } }");
    await socket.next(({ type }) => type === "next");
    socket.socket.terminate();
    await expect
      .poll(() => lines.find((line) => line.msg === "Operation over WebSocket"))
      .toMatchObject({ address: "127.0.0.1", caller: `user:${id}` });
  });
});

describe("a forged X-Forwarded-For", () => {
  const forged = { "x-forwarded-for": "1.2.3.4", "x-real-ip": "1.2.3.4", forwarded: "for=1.2.3.4" };

  it("is ignored without trusted proxies, in the access log and in the audit log", async () => {
    const { token } = await open.build.user();
    const headers = { ...forged, authorization: token };
    expect(await lineOf(open, CREATE("Forged"), headers)).toMatchObject({ address: "127.0.0.1" });
    expect(await open.db.auditEntry.findFirst({ where: { action: "createWorkspace" } })).toMatchObject({
      address: "127.0.0.1",
    });
  });

  it("does not hide the address that a trusted proxy added", async () => {
    const { token } = await proxied.build.user();
    const headers = { "x-forwarded-for": "1.2.3.4, 203.0.113.9, 10.1.1.1", authorization: token };
    expect(await lineOf(proxied, CREATE("Proxied"), headers)).toMatchObject({ address: "203.0.113.9" });
    expect(await proxied.db.auditEntry.findFirst({ where: { action: "createWorkspace" } })).toMatchObject({
      address: "203.0.113.9",
    });
  });
});

describe("the address of a client", () => {
  const of = (trusted: string[], remoteAddress: string, forwarded?: string) =>
    createClientAddress(trusted)({
      headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
      socket: { remoteAddress } as never,
    });
  const proxies = ["10.0.0.0/8", "fd00::/8"];

  it.each([
    ["is that of the connection", [], "192.0.2.1", undefined, "192.0.2.1"],
    ["is that of the connection, whatever it forwards", [], "192.0.2.1", "1.2.3.4", "192.0.2.1"],
    ["is that of a connection that is no trusted proxy's", proxies, "192.0.2.1", "1.2.3.4", "192.0.2.1"],
    ["is IPv4 on a dual-stack socket", [], "::ffff:192.0.2.1", undefined, "192.0.2.1"],
    ["is what the proxy added", proxies, "10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["is what the proxy added, on a dual-stack socket", proxies, "::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["is not what the client sent before that", proxies, "10.0.0.1", "1.2.3.4, 192.0.2.1", "192.0.2.1"],
    ["is found behind several proxies", proxies, "fd00::1", "1.2.3.4, 192.0.2.1, 10.0.0.7", "192.0.2.1"],
    ["is the outermost proxy's if all are trusted", proxies, "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["is the proxy's if it forwards no address", proxies, "10.0.0.1", "unknown", "10.0.0.1"],
    ["is the last valid one", proxies, "10.0.0.1", "<script>, 10.0.0.2", "10.0.0.2"],
    ["has no port", proxies, "10.0.0.1", "192.0.2.1:4711", "192.0.2.1"],
    ["has no brackets", proxies, "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
    ["may be trusted alone", ["10.0.0.1"], "10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["is the neighbour's of the one that is trusted", ["10.0.0.1"], "10.0.0.2", "192.0.2.1", "10.0.0.2"],
  ])("%s", (_, trusted, remote, forwarded, expected) => {
    expect(of(trusted, remote, forwarded)).toBe(expected);
  });
});
