import { describe, expect, it } from "vitest";
import { startTestApp } from "../support/app.ts";
import { createTestDatabase } from "../support/db.ts";
import { testHouston } from "../support/houston.ts";
import { codeOf } from "../support/signIns.ts";
import { openSocket } from "../support/sockets.ts";

const SIGN_UP = 'mutation { createUser(email: "admin@example.com", password: "correct horse") { isAdmin } }';
const ALPHA =
  'mutation { createNewUser(email: "admin@example.com", password: "correct horse") { success message code } }';

async function send(url: string, headers: Record<string, string>, query = SIGN_UP, path = "/v1") {
  const body = JSON.stringify({ query });
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return (await response.json()) as Parameters<typeof codeOf>[0] & { data: Record<string, Record<string, unknown>> };
}

const proxied = { "x-forwarded-for": "203.0.113.7" };

describe("the first sign-up", async () => {
  const { url, db, app } = await testHouston({ publicSignups: true });
  const token = app.setupToken ?? expect.fail("no set-up token");

  it.each([
    ["through a proxy", proxied],
    ["through a proxy that names another header", { forwarded: "for=203.0.113.7" }],
    ["through a proxy that sends only its name", { via: "1.1 proxy" }],
    ["from the page of another site", { origin: "https://evil.example" }],
    ["with another token", { ...proxied, "x-houston-setup-token": `${token}x` }],
    ["with an empty token", { ...proxied, "x-houston-setup-token": "" }],
  ])("is refused %s", async (_, headers) => {
    const { errors } = await send(url, headers);
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect(errors?.[0]?.message).toMatch(/set-up token.*x-houston-setup-token.*auth\.setupToken/);
    expect((await send(url, headers, ALPHA, "/alpha")).data.createNewUser).toMatchObject({ code: "FORBIDDEN" });
    expect(await db.user.count()).toBe(0);
  });

  it("is refused under another name of this machine", async () => {
    const socket = await openSocket(url, "graphql-transport-ws", { headers: { host: "evil.example" } });
    socket.send({ type: "connection_init" });
    await socket.next(({ type }) => type === "connection_ack");
    socket.send({ id: "1", type: "subscribe", payload: { query: SIGN_UP } });
    const { payload } = await socket.next(({ type }) => type === "next");
    expect(codeOf(payload)).toBe("FORBIDDEN");
    socket.socket.terminate();
    expect(await db.user.count()).toBe(0);
  });

  it("T26: makes one System Admin of fifty concurrent ones with the token", async () => {
    const query = (n: number) => SIGN_UP.replace("admin@", `admin${n}@`);
    const headers = { ...proxied, "x-houston-setup-token": token };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => send(url, headers, query(n))));
    expect(answers.map(({ data }) => data.createUser?.isAdmin).filter(Boolean)).toHaveLength(1);
    expect(await db.roleBinding.findMany({ select: { role: true } })).toEqual([{ role: "SYSTEM_ADMIN" }]);
    expect(await db.platform.findFirst()).toMatchObject({ setupTokenEncrypted: null });
  });

  it("uses the token up", async () => {
    const { data } = await send(url, { ...proxied, "x-houston-setup-token": token }, SIGN_UP);
    expect(data.createUser?.isAdmin).toBe(false);
  });
});

it("the first sign-up needs no token on the same machine", async () => {
  const { url } = await testHouston();
  const { data } = await send(url.replace("127.0.0.1", "localhost"), {});
  expect(data.createUser?.isAdmin).toBe(true);
});

it("the first sign-up in the alpha API takes the token too", async () => {
  const { url, app } = await testHouston();
  const { data } = await send(url, { ...proxied, "x-houston-setup-token": app.setupToken ?? "" }, ALPHA, "/alpha");
  expect(data.createNewUser).toMatchObject({ success: true });
});

it("the set-up token can be configured", async () => {
  const setupToken = "a token of our own, 1234".replaceAll(" ", "-");
  const { url, db } = await testHouston({ auth: { setupToken } });
  expect(await db.platform.findFirst()).toMatchObject({ setupTokenEncrypted: null });
  expect(codeOf(await send(url, { ...proxied, "x-houston-setup-token": "another token" }))).toBe("FORBIDDEN");
  expect(codeOf(await send(url, { ...proxied, "x-houston-setup-token": setupToken }))).toBe("ok");
});

it("the set-up token is the same in all replicas and after a restart, and not readable in the database", async () => {
  const database = await createTestDatabase();
  const kept = { database: { ...database, drop: async () => undefined } };
  const [first, second] = [await startTestApp({}, kept), await startTestApp({}, kept)];
  expect(first.app.setupToken).toMatch(/^[\w-]{43}$/);
  expect(second.app.setupToken).toBe(first.app.setupToken);
  expect(JSON.stringify(await first.db.platform.findMany())).not.toContain(first.app.setupToken);
  await first.close();
  await second.close();
  const restarted = await startTestApp({}, { database });
  expect(restarted.app.setupToken).toBe(first.app.setupToken);
  await restarted.close();
});
