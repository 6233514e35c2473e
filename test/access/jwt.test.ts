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

/** A person whose good token says `claims`; `forge` signs the same with something changed. */
async function buildPerson() {
  const person = await build.user();
  const claims = jsonwebtoken.decode(person.token) as Record<string, unknown>;
  const forge = (changed: Record<string, unknown> = {}, key = secret, options: SignOptions = {}) =>
    jsonwebtoken.sign({ ...claims, ...changed }, key, { algorithm: "HS256", ...options });
  return { person, claims, forge };
}

/** Refused in the one text, with HTTP 200. */
async function expectRefused(token: string) {
  const { status, data, errors } = await as({ token }).send(READ);
  expect({ status, data }).toEqual({ status: 200, data: { workspaces: null } });
  expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }]);
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a user's token", () => {
  it("is HS256 and says who, until when, for whom and for which session", async () => {
    const { person, claims } = await buildPerson();
    expect(jsonwebtoken.decode(person.token, { complete: true })?.header).toEqual({ alg: "HS256", typ: "JWT" });
    const session = await db.session.findFirstOrThrow({ where: { userId: person.id } });
    expect(claims).toEqual({
      id: person.id,
      uuid: person.id,
      sid: session.id,
      typ: "access",
      iss: config.jwt.issuer,
      aud: config.jwt.audience,
      iat: expect.any(Number),
      exp: Math.floor(session.expiresAt.getTime() / 1000),
    });
    expect(verifyToken(config, person.token)).toEqual({ userId: person.id, sessionId: session.id });
  });

  it.each(["%s", "Bearer %s", "bearer %s", "BEARER %s"])("is taken as %j", async (form) => {
    const { person } = await buildPerson();
    const { data } = await as({ token: form.replace("%s", person.token) }).send(READ);
    expect(data.workspaces).toEqual([]);
  });

  it("is proven again by a forgery with nothing changed", async () => {
    const { forge } = await buildPerson();
    expect((await as({ token: forge() }).send(READ)).errors).toBeUndefined();
  });
});

describe("a token is refused", () => {
  it.each<[string, Record<string, unknown>]>([
    ["from another issuer", { iss: "elsewhere" }],
    ["for another audience", { aud: "elsewhere" }],
    ["of another type", { typ: "refresh" }],
    ["without a type", { typ: undefined }],
    ["without an issuer", { iss: undefined }],
    ["without an audience", { aud: undefined }],
    ["without a session", { sid: undefined }],
    ["without a user", { id: undefined }],
    ["of a session that is not there", { sid: "nowhere" }],
    ["of another user", { id: "nobody" }],
    ["whose user is no text", { id: 7 }],
    ["that has expired", { exp: seconds() - 1 }],
    ["that is not valid yet", { nbf: seconds() + 600 }],
  ])("%s", async (_, changed) => {
    const { forge } = await buildPerson();
    const claims = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
    const dropped = Object.keys(changed).filter((key) => changed[key] === undefined);
    const payload = { ...(jsonwebtoken.decode(forge(claims)) as Record<string, unknown>) };
    for (const key of dropped) delete payload[key];
    await expectRefused(jsonwebtoken.sign(payload, secret, { algorithm: "HS256" }));
  });

  it("that was good until it expired", async () => {
    const { forge } = await buildPerson();
    const token = forge({ exp: seconds() + 2 });
    for (let round = 0; round < 3; round++) {
      expect((await as({ token }).send(READ)).errors).toBeUndefined();
    }
    await vi.waitFor(() => expectRefused(token), { timeout: 5_000, interval: 200 });
  });

  it("of a session that is somebody else's", async () => {
    const [one, other] = [await buildPerson(), await buildPerson()];
    await expectRefused(one.forge({ sid: other.claims.sid }));
  });

  it("signed with another key", async () => {
    const { forge } = await buildPerson();
    await expectRefused(forge({}, "another key of at least thirty-two bytes"));
    await expectRefused(forge({}, `${secret} `));
  });

  it.each(["HS384", "HS512"] as const)("signed with %s", async (algorithm) => {
    const { forge } = await buildPerson();
    await expectRefused(forge({}, secret, { algorithm }));
  });

  it("signed with RS256, whatever it says about its algorithm", async () => {
    const { claims } = await buildPerson();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const token = jsonwebtoken.sign(claims, privateKey, { algorithm: "RS256" });
    await expectRefused(token);
    const [, payload, signature] = token.split(".");
    await expectRefused([part({ alg: "HS256", typ: "JWT" }), payload, signature].join("."));
  });

  it("not signed", async () => {
    const { claims, person } = await buildPerson();
    const [header, payload, signature] = person.token.split(".");
    for (const alg of ["none", "None", "NONE", ""]) {
      await expectRefused(`${part({ alg, typ: "JWT" })}.${payload}.`);
      await expectRefused(`${part({ alg, typ: "JWT" })}.${part(claims)}.${signature}`);
    }
    await expectRefused(`${header}.${payload}.`);
    await expectRefused(`${header}.${payload}`);
  });

  it("changed or cut anywhere, without a look into the database", async () => {
    const { person, claims } = await buildPerson();
    const { token } = person;
    const [header, , signature] = token.split(".");
    const admin = `${header}.${part({ ...claims, id: "somebody-else" })}.${signature}`;
    const cut = Array.from({ length: 20 }, (_, i) => token.slice(0, Math.floor((token.length * (i + 0.5)) / 20)));
    const { statements } = await countStatements(async () => {
      for (const bad of [admin, ...cut, `${token}x`, `${token}.`, `x${token}`]) await expectRefused(bad);
    });
    expect(statements.filter((sql) => sql.includes("Session"))).toEqual([]);
  });

  it.each(["null", "undefined", "x", "Bearer x", "Basic dXNlcjpwYXNz", "bearer bearer", "{}", "a.b.c", "..", "'"])(
    "that is no token: %j",
    (token) => expectRefused(token),
  );

  it("once the session is over in the database, though the token says otherwise", async () => {
    const { person } = await buildPerson();
    await db.session.updateMany({ where: { userId: person.id }, data: { expiresAt: new Date(Date.now() - 1000) } });
    await expectRefused(person.token);
  });

  it("after logout, and only the one that logged out", async () => {
    const { person } = await buildPerson();
    const second = await build.tokenOf(person.id);
    const logout = (token: string) =>
      fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    expect((await logout(person.token)).status).toBe(204);
    expect((await logout(person.token)).status).not.toBe(204);
    await expectRefused(person.token);
    expect((await as({ token: second }).send(READ)).errors).toBeUndefined();
  });

  it("after its user was removed, or is not active", async () => {
    const [removed, pending] = [(await buildPerson()).person, (await buildPerson()).person];
    await db.user.delete({ where: { id: removed.id } });
    await db.user.update({ where: { id: pending.id }, data: { status: "pending" } });
    await expectRefused(removed.token);
    await expectRefused(pending.token);
  });
});

describe("a bad credential", () => {
  it("is refused where anyone signed in may call, and still reads what is public", async () => {
    const { status, data, errors } = await as({ token: "stale" }).send("{ appConfig { version } workspaces { id } }");
    expect(status).toBe(200);
    expect(data.appConfig.version).toBe(config.helm.releaseVersion);
    expect(errors).toMatchObject([{ message: DENIED, path: ["workspaces"] }]);
    expect((await as({ token: "stale" }).send("{ appConfig { version } }")).errors).toBeUndefined();
  });

  it("is none at all when empty", async () => {
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

  it("needs a secret to be told from a good one: without jwt.secret nothing is signed or taken", () => {
    const without = { jwt: { ...config.jwt, secret: null } };
    expect(() => signToken(without, "u", "s", new Date(), new Date())).toThrow("jwt.secret is not set");
    expect(verifyToken(without, "x.y.z")).toBeUndefined();
  });
});
