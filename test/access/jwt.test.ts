import { generateKeyPairSync } from "node:crypto";
import jsonwebtoken, { type SignOptions } from "jsonwebtoken";
import { describe, expect, it, vi } from "vitest";
import { signToken, verifyToken } from "../../src/access/jwt.ts";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, config, db, url } = await testHouston();

const READ = "{ workspaces { id } }";
const secret = config.jwt.secret ?? expect.fail("jwt.secret is not set");
const seconds = () => Math.floor(Date.now() / 1000);

/** A user with a valid token and its `claims`; `forge` signs the same claims with something changed. */
async function buildUser() {
  const user = await build.user();
  const claims = jsonwebtoken.decode(user.token) as Record<string, unknown>;
  const forge = (changed: Record<string, unknown> = {}, key = secret, options: SignOptions = {}) =>
    jsonwebtoken.sign({ ...claims, ...changed }, key, { algorithm: "HS256", ...options });
  return { user, claims, forge };
}

/** Expects HTTP 200 with the one error text for all rejected credentials. */
async function expectRejected(token: string) {
  const { status, data, errors } = await as({ token }).send(READ);
  expect({ status, data }).toEqual({ status: 200, data: { workspaces: null } });
  expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }]);
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a user's token", () => {
  it("is an HS256 JWT with user, session, audience and expiry", async () => {
    const { user, claims } = await buildUser();
    expect(jsonwebtoken.decode(user.token, { complete: true })?.header).toEqual({ alg: "HS256", typ: "JWT" });
    const session = await db.session.findFirstOrThrow({ where: { userId: user.id } });
    expect(claims).toEqual({
      id: user.id,
      uuid: user.id,
      sid: session.id,
      typ: "access",
      iss: config.jwt.issuer,
      aud: config.jwt.audience,
      iat: expect.any(Number),
      exp: Math.floor(session.expiresAt.getTime() / 1000),
    });
    expect(verifyToken(config, user.token)).toEqual({ userId: user.id, sessionId: session.id });
  });

  it.each(["%s", "Bearer %s", "bearer %s", "BEARER %s"])("is accepted as %j", async (form) => {
    const { user } = await buildUser();
    const { data } = await as({ token: form.replace("%s", user.token) }).send(READ);
    expect(data.workspaces).toEqual([]);
  });

  it("is accepted when signed again without changes", async () => {
    const { forge } = await buildUser();
    expect((await as({ token: forge() }).send(READ)).errors).toBeUndefined();
  });
});

describe("a token is rejected", () => {
  it.each<[string, Record<string, unknown>]>([
    ["when its issuer is wrong", { iss: "elsewhere" }],
    ["when its audience is wrong", { aud: "elsewhere" }],
    ["when its type is wrong", { typ: "refresh" }],
    ["without a type", { typ: undefined }],
    ["without an issuer", { iss: undefined }],
    ["without an audience", { aud: undefined }],
    ["without a session", { sid: undefined }],
    ["without a user", { id: undefined }],
    ["when its session is unknown", { sid: "nowhere" }],
    ["when its user is unknown", { id: "nobody" }],
    ["when its user is not a string", { id: 7 }],
    ["when it has expired", { exp: seconds() - 1 }],
    ["when it is not valid yet", { nbf: seconds() + 600 }],
  ])("%s", async (_, changed) => {
    const { forge } = await buildUser();
    const claims = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
    const dropped = Object.keys(changed).filter((key) => changed[key] === undefined);
    const payload = { ...(jsonwebtoken.decode(forge(claims)) as Record<string, unknown>) };
    for (const key of dropped) delete payload[key];
    await expectRejected(jsonwebtoken.sign(payload, secret, { algorithm: "HS256" }));
  });

  it("when it expires after it was accepted", async () => {
    const { forge } = await buildUser();
    const token = forge({ exp: seconds() + 2 });
    for (let round = 0; round < 3; round++) {
      expect((await as({ token }).send(READ)).errors).toBeUndefined();
    }
    await vi.waitFor(() => expectRejected(token), { timeout: 5_000, interval: 200 });
  });

  it("when its session belongs to another user", async () => {
    const [one, other] = [await buildUser(), await buildUser()];
    await expectRejected(one.forge({ sid: other.claims.sid }));
  });

  it("when signed with another key", async () => {
    const { forge } = await buildUser();
    await expectRejected(forge({}, "another key of at least thirty-two bytes"));
    await expectRejected(forge({}, `${secret} `));
  });

  it.each(["HS384", "HS512"] as const)("when signed with %s", async (algorithm) => {
    const { forge } = await buildUser();
    await expectRejected(forge({}, secret, { algorithm }));
  });

  it("T2: when signed with RS256, whatever algorithm its header names", async () => {
    const { claims } = await buildUser();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const token = jsonwebtoken.sign(claims, privateKey, { algorithm: "RS256" });
    await expectRejected(token);
    const [, payload, signature] = token.split(".");
    await expectRejected([part({ alg: "HS256", typ: "JWT" }), payload, signature].join("."));
  });

  it("T1: when unsigned", async () => {
    const { claims, user } = await buildUser();
    const [header, payload, signature] = user.token.split(".");
    for (const alg of ["none", "None", "NONE", ""]) {
      await expectRejected(`${part({ alg, typ: "JWT" })}.${payload}.`);
      await expectRejected(`${part({ alg, typ: "JWT" })}.${part(claims)}.${signature}`);
    }
    await expectRejected(`${header}.${payload}.`);
    await expectRejected(`${header}.${payload}`);
  });

  it("T6: when changed or truncated anywhere, without a database lookup", async () => {
    const { user, claims } = await buildUser();
    const { token } = user;
    const [header, , signature] = token.split(".");
    const admin = `${header}.${part({ ...claims, id: "somebody-else" })}.${signature}`;
    const cut = Array.from({ length: 20 }, (_, i) => token.slice(0, Math.floor((token.length * (i + 0.5)) / 20)));
    const { statements } = await countStatements(async () => {
      for (const bad of [admin, ...cut, `${token}x`, `${token}.`, `x${token}`]) await expectRejected(bad);
    });
    expect(statements.filter((sql) => sql.includes("Session"))).toEqual([]);
  });

  it.each(["null", "undefined", "x", "Bearer x", "Basic dXNlcjpwYXNz", "bearer bearer", "{}", "a.b.c", "..", "'"])(
    "when it is not a JWT: %j",
    (token) => expectRejected(token),
  );

  it("T4: when its session has expired in the database, even if the token has not", async () => {
    const { user } = await buildUser();
    await db.session.updateMany({ where: { userId: user.id }, data: { expiresAt: new Date(Date.now() - 1000) } });
    await expectRejected(user.token);
  });

  it("T7: after logout, while the user's other tokens stay valid", async () => {
    const { user } = await buildUser();
    const second = await build.tokenOf(user.id);
    const logout = (token: string) =>
      fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    expect((await logout(user.token)).status).toBe(204);
    expect((await logout(user.token)).status).not.toBe(204);
    await expectRejected(user.token);
    expect((await as({ token: second }).send(READ)).errors).toBeUndefined();
  });

  it("when its user was removed or is not active", async () => {
    const [removed, pending] = [(await buildUser()).user, (await buildUser()).user];
    await db.user.delete({ where: { id: removed.id } });
    await db.user.update({ where: { id: pending.id }, data: { status: "pending" } });
    await expectRejected(removed.token);
    await expectRejected(pending.token);
  });
});

describe("a bad credential", () => {
  it("is rejected by fields for signed-in callers and accepted by public fields", async () => {
    const { status, data, errors } = await as({ token: "stale" }).send("{ appConfig { version } workspaces { id } }");
    expect(status).toBe(200);
    expect(data.appConfig.version).toBe(config.helm.releaseVersion);
    expect(errors).toMatchObject([{ message: DENIED, path: ["workspaces"] }]);
    expect((await as({ token: "stale" }).send("{ appConfig { version } }")).errors).toBeUndefined();
  });

  it("is treated as anonymous when empty", async () => {
    for (const authorization of ["", "  ", "Bearer", "Bearer "]) {
      const response = await fetch(`${url}/v1`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body: JSON.stringify({ query: READ }),
      });
      expect(await response.json()).toMatchObject({
        data: { workspaces: null },
        errors: [{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }],
      });
    }
  });

  it("is never accepted without jwt.secret, and no token is signed", () => {
    const without = { jwt: { ...config.jwt, secret: null } };
    expect(() => signToken(without, "u", "s", new Date(), new Date())).toThrow("jwt.secret is not set");
    expect(verifyToken(without, "x.y.z")).toBeUndefined();
  });
});
