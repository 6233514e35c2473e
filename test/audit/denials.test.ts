import bcrypt from "bcrypt";
import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { createDenials, type Denial } from "../../src/platform/audit/denials.ts";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { openAs, operationsOn } from "../support/sockets.ts";

const { as, url, app, build, db } = await testHouston();
const { denials, pool } = app.services;
const password = "correct horse";
const localCredential = { create: { passwordHash: bcrypt.hashSync(password, 10) } };

const RENAME = `mutation ($id: Uuid!) { updateWorkspace(workspaceUuid: $id, payload: { label: "Mine" }) { id } }`;
const SIGN_IN = `mutation ($name: String!, $password: String!) {
  createToken(identity: $name, password: $password) { token { value } } }`;

/** The entries that are not changes, as soon as they are written. */
async function recorded() {
  await denials.flush();
  return db.auditEntry.findMany({ where: { outcome: { not: "DONE" } }, orderBy: { sequence: "asc" } });
}

beforeEach(async () => {
  await denials.flush();
  await db.auditEntry.deleteMany();
});

describe("a denied change", () => {
  it("is recorded with caller, row, Workspace and address, in every API", async () => {
    const { workspace } = await build.workspace();
    const { id, token } = await build.user();
    await as({ token }).send(RENAME, { id: workspace.id });
    const path = `/platform/v1beta1/organizations/clorgdefault0000000000000/workspaces/${workspace.id}`;
    const rest = await fetch(`${url}${path}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(rest.status).toBeGreaterThanOrEqual(400);
    const socket = await openAs(url, "graphql-transport-ws", token);
    operationsOn(socket).start("1", RENAME, { id: workspace.id });
    await socket.next(({ type }) => type === "next" || type === "error");
    socket.socket.terminate();
    const common = { outcome: "DENIED", count: 1, actor: `user:${id}`, address: "127.0.0.1" };
    const row = { entityType: "Workspace", entityId: workspace.id, workspaceId: workspace.id };
    const found = await recorded();
    expect(found[0]).toMatchObject({ ...common, ...row, action: "updateWorkspace", via: "graphql" });
    expect(found[0]?.detail).toEqual({ code: "FORBIDDEN" });
    expect(found[0]?.requestId).toBeTruthy();
    expect(found.find(({ via }) => via === "rest")).toMatchObject({ ...common, ...row, action: "deleteWorkspace" });
    expect(found.find(({ via }) => via === "websocket")).toMatchObject({
      ...common,
      ...row,
      action: "updateWorkspace",
    });
    expect(found).toHaveLength(3);
  });

  it("is recorded for an anonymous caller and for an invalid token", async () => {
    await as(undefined).send(RENAME, { id: "unknown" });
    await as({ token: "nonsense" }).send(`mutation { createWorkspace(label: "Mine") { id } }`);
    const out = await fetch(`${url}/v1/logout`, { method: "POST" });
    expect(out.status).toBe(401);
    const common = { outcome: "DENIED", actor: "anonymous", address: "127.0.0.1", detail: { code: "UNAUTHENTICATED" } };
    expect(await recorded()).toMatchObject([
      { ...common, action: "updateWorkspace" },
      { ...common, action: "createWorkspace", entityType: "Platform" },
      { ...common, action: "logout" },
    ]);
  });

  it("does not make its caller the author of the row", async () => {
    const { workspace } = await build.workspace();
    const { token } = await build.user();
    const before = await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } });
    await as({ token }).send(RENAME, { id: workspace.id });
    expect(await recorded()).toHaveLength(1);
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toEqual(before);
  });

  it("stores nothing of what a caller sends as an ID", async () => {
    const { token } = await build.user();
    await as({ token }).send(RENAME, { id: `=cmd|'${"x".repeat(200)}\u0007` });
    expect(await recorded()).toMatchObject([{ entityId: "unknown", workspaceId: null }]);
  });

  it("is not recorded for a question, invalid input or a conflict", async () => {
    const { workspace } = await build.workspace();
    const admin = await build.systemAdmin();
    await as(undefined).send("{ workspaces { id } }");
    await as(admin).send(`mutation { createWorkspace(label: "") { id } }`);
    await as(admin).send(`mutation { createWorkspace(label: "${workspace.label}") { id } }`);
    expect(await recorded()).toEqual([]);
  });
});

describe("a failed sign-in", () => {
  it.each([
    ["/v1", as(undefined)],
    ["/alpha", createAlpha(url)(undefined)],
  ])("is recorded for the user, without what was typed: %s", async (path, anonymous) => {
    const { id, email } = await build.user({ localCredential });
    const document = path === "/v1" ? SIGN_IN : SIGN_IN.replace("{ token { value } }", "{ success }");
    await anonymous.send(document, { name: email, password: "canary-wrong" });
    await anonymous.send(document, { name: "canary-typed-into-the-name", password });
    const common = { outcome: "FAILED", action: "createToken", actor: "anonymous", entityType: "User" };
    const found = await recorded();
    const via = path === "/v1" ? "graphql" : "alpha";
    expect(found).toMatchObject([
      { ...common, entityId: id, via },
      { ...common, entityId: "unknown", via },
    ]);
    expect(JSON.stringify(found)).not.toMatch(/canary|correct horse/);
  });

  it("is recorded for a wrong token from an e-mail", async () => {
    const token = "x".repeat(43);
    await as(undefined).send(`mutation { confirmEmail(token: "${token}") { token { value } } }`);
    await as(undefined).send(
      `mutation { resetPassword(token: "${token}", password: "long enough") { token { value } } }`,
    );
    expect(await recorded()).toMatchObject([
      { outcome: "FAILED", action: "confirmEmail" },
      { outcome: "FAILED", action: "resetPassword" },
    ]);
  });

  it("is recorded for a wrong current password", async () => {
    const { id, token } = await build.user({ localCredential });
    const payload = { password: "a new long one", currentPassword: "canary-wrong" };
    await as({ token }).send(`mutation ($payload: JSON!) { updateSelf(payload: $payload) { id } }`, { payload });
    expect(await recorded()).toMatchObject([{ outcome: "FAILED", action: "updateSelf", actor: `user:${id}` }]);
  });

  it("counts every alias of a document", async () => {
    const { email } = await build.user({ localCredential });
    const sent = { name: email, password: "canary-wrong" };
    const field = (n: number) => `a${n}: createToken(identity: $name, password: $password) { token { value } }`;
    const document = `mutation ($name: String!, $password: String!) { ${[1, 2, 3].map(field).join(" ")} }`;
    await as(undefined).send(document, sent);
    await app.services.denials.flush();
    await denials.stop();
    const counts = (await recorded()).map(({ count }) => count);
    expect(counts).toEqual([1, 2]);
  });
});

describe("a flood of denials", () => {
  const log = pino({ level: "silent" });
  const now = () => new Date();
  const denial = (n: number, given: Partial<Denial> = {}): Denial => ({
    ...{ outcome: "FAILED", action: "createToken", actor: "anonymous", entityType: "User", entityId: `u${n}` },
    ...{ workspaceId: null, requestId: "r", address: "10.0.0.1", via: "graphql", detail: {}, ...given },
  });

  it("is counted: one row at once and one for the rest of the minute", async () => {
    const flood = createDenials({ pool, log, now }, { maxPerMinute: 10 });
    for (let n = 0; n < 10_000; n++) flood.record(denial(0));
    await flood.flush();
    expect(await recorded()).toMatchObject([{ count: 1, entityId: "u0" }]);
    await flood.stop();
    expect(await recorded()).toMatchObject([{ count: 1 }, { count: 9_999, address: "10.0.0.1" }]);
  });

  it("adds at most `audit.maxDenialsPerMinute` rows, also from many addresses, and counts the others", async () => {
    const flood = createDenials({ pool, log, now }, { maxPerMinute: 10 });
    for (let n = 0; n < 5_000; n++) flood.record(denial(n, { address: `10.0.${n >> 8}.${n % 256}` }));
    await flood.stop();
    const rows = await recorded();
    expect(rows).toHaveLength(11);
    expect(rows.at(-1)).toMatchObject({ actor: "several", action: "several", outcome: "FAILED", count: 4_990 });
  });

  it("keeps a limited number of rows while the database is unavailable, and writes them later", async () => {
    let broken = true;
    const query = (...args: Parameters<typeof pool.query>) =>
      broken ? Promise.reject(new Error("gone")) : Reflect.apply(pool.query, pool, args);
    const flood = createDenials({ pool: { query } as never, log, now }, { maxPerMinute: 3, period: 20 });
    for (let n = 0; n < 30; n++) {
      flood.record(denial(n, { address: `10.0.0.${n}` }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await expect(flood.flush()).rejects.toThrow("gone");
    broken = false;
    await flood.flush();
    const rows = await recorded();
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.length).toBeLessThanOrEqual(15);
    await flood.stop();
  });
});
