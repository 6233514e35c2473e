import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import jsonwebtoken from "jsonwebtoken";
import { afterAll, describe, expect, it } from "vitest";
import { signToken } from "../../src/access/jwt.ts";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { openSocket, protocols } from "../support/sockets.ts";

const { as, build, config, db, url } = await testHouston();
const secret = config.jwt.secret ?? expect.fail("jwt.secret is not set");
const seconds = () => Math.floor(Date.now() / 1000);

/** Serves keys and counts who fetches them. */
let fetched = 0;
const keyServer = createServer((_request, response) => {
  fetched += 1;
  response.end(JSON.stringify({ keys: [jwk] }));
}).listen(0, "127.0.0.1");
afterAll(() => keyServer.close());
const keyUrl = () => `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/keys`;

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const jwk = { ...rsa.publicKey.export({ format: "jwk" }), kid: "own", use: "sig", alg: "RS256" };
const publicPem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();

const user = await build.user();
const claims = jsonwebtoken.decode(user.token) as Record<string, unknown>;

const part = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const hmac = (text: string, key: string | Buffer, hash = "sha256") =>
  createHmac(hash, key).update(text).digest("base64url");

/** A token with any header and claims, signed with HMAC. */
function hs(header: object, payload: unknown = claims, key: string | Buffer = secret, hash = "sha256") {
  const text = `${part({ alg: "HS256", typ: "JWT", ...header })}.${part(payload)}`;
  return `${text}.${hmac(text, key, hash)}`;
}

/** A token signed with a private key of the caller's. */
function signedWith(key: Parameters<typeof sign>[2], header: object, hash: string | null = "sha256") {
  const text = `${part({ typ: "JWT", ...header })}.${part(claims)}`;
  return `${text}.${sign(hash, Buffer.from(text), key).toString("base64url")}`;
}

const [header = "", payload = "", signature = ""] = user.token.split(".");
const jwtOf = (changes: object, now = new Date()) =>
  signToken({ jwt: { ...config.jwt, ...changes } }, user.id, String(claims.sid), now, new Date(now.getTime() + 60_000))
    .value;
const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

const cases: Record<string, [string, () => string][]> = {
  "T1: unsigned": [
    ...["none", "None", "NONE", "nOnE", "", "null"].flatMap((alg): [string, () => string][] => [
      [`alg ${JSON.stringify(alg)} without a signature`, () => `${part({ alg, typ: "JWT" })}.${payload}.`],
      [
        `alg ${JSON.stringify(alg)} with the old signature`,
        () => `${part({ alg, typ: "JWT" })}.${payload}.${signature}`,
      ],
    ]),
    ["no alg", () => `${part({ typ: "JWT" })}.${payload}.`],
    ["alg null", () => `${part({ alg: null, typ: "JWT" })}.${payload}.`],
    ["two algs", () => `${part('{"alg":"HS256","alg":"none","typ":"JWT"}')}.${payload}.`],
  ],
  "T2: another algorithm": [
    ["HS256 with a public key as secret", () => hs({}, claims, publicPem)],
    ["HS256 with the public key as JWK", () => hs({ kid: "own" }, claims, JSON.stringify(jwk))],
    ["RS256", () => signedWith(rsa.privateKey, { alg: "RS256" })],
    ["PS256", () => signedWith({ key: rsa.privateKey, padding: 6 }, { alg: "PS256" })],
    ["ES256", () => signedWith({ key: ec.privateKey, dsaEncoding: "ieee-p1363" }, { alg: "ES256" })],
    ["EdDSA", () => signedWith(ed.privateKey, { alg: "EdDSA" }, null)],
    ["HS384 with the real secret", () => hs({ alg: "HS384" }, claims, secret, "sha384")],
    ["HS512 with the real secret", () => hs({ alg: "HS512" }, claims, secret, "sha512")],
    ["HS512 named, HS256 used", () => hs({ alg: "HS512" })],
    ["hs256 in lower case", () => hs({ alg: "hs256" })],
  ],
  "T3: a key of the caller's": [
    ["jwk", () => signedWith(rsa.privateKey, { alg: "RS256", jwk })],
    ["jku", () => signedWith(rsa.privateKey, { alg: "RS256", jku: keyUrl() })],
    ["x5u", () => signedWith(rsa.privateKey, { alg: "RS256", x5u: keyUrl() })],
    ["x5c", () => signedWith(rsa.privateKey, { alg: "RS256", x5c: [part(publicPem)] })],
    ["jwk of a secret", () => hs({ jwk: { kty: "oct", k: part("x".repeat(32)) } }, claims, "x".repeat(32))],
    ["kid of an empty file", () => hs({ kid: "/dev/null" }, claims, "")],
    ["kid with a path", () => hs({ kid: "../../../package.json" }, claims, "{}")],
    ["kid with SQL", () => hs({ kid: "x' UNION SELECT 'key' --" }, claims, "key")],
    ["kid with a URL", () => hs({ kid: keyUrl() }, claims, JSON.stringify(jwk))],
    ["crit", () => hs({ crit: ["exp"], jku: keyUrl() }, claims, "x".repeat(32))],
  ],
  "T4: at the wrong time": [
    ["expired a second ago", () => hs({}, { ...claims, exp: seconds() - 1 })],
    ["expired 5 minutes ago", () => hs({}, { ...claims, exp: seconds() - 300 })],
    ["not valid for 5 minutes", () => hs({}, { ...claims, nbf: seconds() + 300 })],
    ["issued in 5 minutes", () => hs({}, { ...claims, iat: seconds() + 300 })],
    ["without an expiry", () => hs({}, without("exp"))],
    ["without a time of issue", () => hs({}, without("iat"))],
    ["expiry as a string", () => hs({}, { ...claims, exp: String(seconds() + 600) })],
    ["expiry null", () => hs({}, { ...claims, exp: null })],
    ["time of issue as a string", () => hs({}, { ...claims, iat: "now" })],
  ],
  "T5: for something else": [
    ["another issuer", () => jwtOf({ issuer: "elsewhere" })],
    ["another audience", () => jwtOf({ audience: "registry" })],
    ["of the registry", () => hs({}, { ...claims, typ: "registry", aud: "registry", access: [] })],
    ["of the registry, for our audience", () => hs({}, { ...claims, typ: "registry" })],
    ["of Airflow", () => hs({}, { ...claims, typ: "airflow", roles: ["Admin"] })],
    ["of the pages", () => hs({}, { ...claims, typ: "pages" })],
    ["a refresh token", () => hs({}, { ...claims, typ: "refresh" })],
    ["type in another case", () => hs({}, { ...claims, typ: "ACCESS" })],
    ["without a type", () => hs({}, without("typ"))],
    ["without an issuer", () => hs({}, without("iss"))],
    ["without an audience", () => hs({}, without("aud"))],
    ["issuers as a list", () => hs({}, { ...claims, iss: ["elsewhere"] })],
    ["without a session", () => hs({}, without("sid"))],
    ["session as a list", () => hs({}, { ...claims, sid: [claims.sid] })],
    ["user as an object", () => hs({}, { ...claims, id: { contains: "" } })],
  ],
  "T6: damaged": [
    ["without its signature", () => `${header}.${payload}.`],
    ["without the last part", () => `${header}.${payload}`],
    ["truncated", () => user.token.slice(0, -1)],
    ["truncated in the claims", () => `${header}.${payload.slice(0, -4)}.${signature}`],
    ["with other claims", () => `${header}.${part({ ...claims, id: "somebody-else" })}.${signature}`],
    ["with another key", () => hs({}, claims, randomBytes(32))],
    ["with an empty key", () => hs({}, claims, "")],
    ["with a key of zeros", () => hs({}, claims, Buffer.alloc(32))],
    ["with the signature of another token", () => `${header}.${payload}.${hs({}, { ...claims, x: 1 }).split(".")[2]}`],
    ["twice", () => `${user.token}.${user.token}`],
    ["with a fourth part", () => `${user.token}.x`],
    ["claims that are a list", () => hs({}, [claims])],
    ["claims that are no JSON", () => hs({}, "not JSON")],
    ["claims null", () => hs({}, "null")],
    ["encrypted", () => `${part({ alg: "dir", enc: "A256GCM" })}..${part("iv")}.${payload}.${signature}`],
  ],
};

const DOORS = {
  "/v1": (token: string) => as({ token }).send("{ workspaces { id } }"),
  "/alpha": (token: string) => post("/alpha", "{ organizations { id } }", token),
  "/platform/v1beta1": async (token: string) => {
    const response = await fetch(`${url}/platform/v1beta1/organizations`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { requestId, ...body } = (await response.json()) as Record<string, unknown>;
    expect(requestId).toBeTypeOf("string");
    return { status: response.status, body };
  },
};

async function post(path: string, query: string, token: string) {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: token },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

describe.each(Object.entries(cases))("a token: %s", (_, forged) => {
  it.each(Object.entries(DOORS))("is refused at %s in one wording, without a database query", async (door, send) => {
    // Whoever sends a token that is only made up gets the same answer.
    const expected = await send("made.up.token");
    const answers: [string, unknown][] = [];
    const { statements } = await countStatements(async () => {
      for (const [name, token] of forged) answers.push([name, await send(token())]);
    });
    for (const [name, answer] of answers) expect([name, answer]).toEqual([name, expected]);
    expect(statements.filter((sql) => /"Session"|"User"|"ServiceAccount"/.test(sql))).toEqual([]);
    if (door === "/v1") expect(JSON.stringify(expected)).toContain(DENIED);
    expect(fetched).toBe(0);
  });
});

it.each(protocols)(
  "T1, T2, T3, T4, T5, T6: every forged token closes a %s socket with one code and reason",
  async (protocol) => {
    const tokens = Object.values(cases).flatMap((list) => list.map(([, token]) => token()));
    const seen = new Set<string>();
    for (const token of ["made.up.token", ...tokens]) {
      const socket = await openSocket(url, protocol);
      socket.send({ type: "connection_init", payload: { authorization: token } });
      const { code, reason } = await socket.closed;
      seen.add(`${code} ${reason}`);
    }
    expect([...seen]).toHaveLength(1);
    expect([...seen][0]).toMatch(/^4401 /);
  },
);

describe("a token that was valid", async () => {
  const READ = "{ workspaces { id } }";
  const expected = await as({ token: "made.up.token" }).send(READ);
  const someone = async () => build.user();

  it.each<[string, (who: { id: string; token: string }) => Promise<unknown>]>([
    [
      "T7: after logout",
      ({ token }) => fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: token } }),
    ],
    ["T9: after its user was deleted", ({ id }) => db.user.delete({ where: { id } })],
    ["T9: after its user was made pending", ({ id }) => db.user.update({ where: { id }, data: { status: "pending" } })],
    [
      "T9: after an admin removed its user",
      async ({ id }) => {
        const { errors } = await as(await build.systemAdmin()).send(`mutation { removeUser(id: "${id}") { id } }`);
        expect(errors).toBeUndefined();
      },
    ],
  ])("is refused %s, as one that was never issued is", async (_, end) => {
    const who = await someone();
    expect((await as(who).send(READ)).errors).toBeUndefined();
    await end(who);
    expect(await as(who).send(READ)).toEqual(expected);
  });

  it("T9: is refused after its service account was deleted", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    expect((await as(account).send(READ)).errors).toBeUndefined();
    await db.serviceAccount.delete({ where: { id: account.id } });
    expect(await as(account).send(READ)).toEqual(expected);
  });

  it("T10: allows only what its user may do at that moment", async () => {
    const { workspace, admin } = await build.workspace();
    const UPDATE = `mutation ($id: Uuid!) { updateWorkspace(workspaceUuid: $id, payload: { description: "x" }) { id } }`;
    expect((await as(admin).send(UPDATE, { id: workspace.id })).errors).toBeUndefined();
    await db.roleBinding.updateMany({ where: { userId: admin.id }, data: { role: "WORKSPACE_VIEWER" } });
    expect((await as(admin).send(UPDATE, { id: workspace.id })).errors).toMatchObject([{ message: DENIED }]);
  });
});
