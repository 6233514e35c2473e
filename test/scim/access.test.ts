import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { entraUser, patchOf, scimClient } from "../support/scim.ts";

const CODE = "microsoft-authentication-code";
const houston = await testHouston({
  auth: { openidConnect: { microsoft: { scimAuthCode: CODE } }, local: { limits: { attemptsPerAddress: 1_000 } } },
});
const { as, build, db, url, app, config } = houston;
const admin = await build.systemAdmin();
const okta = await scimClient(houston, { provider: "okta" });
const microsoft = await scimClient(houston);

const paths = [
  "/Users",
  "/Groups",
  "/Schemas",
  "/ResourceTypes",
  "/ServiceProviderConfig",
  "/Users/unknown",
  "/nothing",
];

describe("SCIM", () => {
  it("M1: opens to no JWT and no API key of Houston, and to nothing else that is no token of the provider", async () => {
    const key = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const expired = { provider: "microsoft", tokenHash: "x", tokenStart: "", createdBy: "", expiresAt: new Date(0) };
    await db.scimToken.create({ data: { ...expired, tokenHash: hashOf("expired-token") } });
    const bad = [
      admin.token,
      key.token,
      okta.token,
      "expired-token",
      `${CODE}x`,
      CODE.slice(1),
      "",
      "microsoft",
      "null",
    ];
    for (const token of bad) {
      for (const authorization of [`Bearer ${token}`, `Basic ${Buffer.from(`user:${token}`).toString("base64")}`]) {
        const client = await scimClient(houston, { authorization });
        for (const path of paths) {
          const { status, headers, body } = await client.get(path);
          expect([status, body.status, body.schemas], `${token} ${path}`).toEqual([
            ...[401, "401", ["urn:ietf:params:scim:api:messages:2.0:Error"]],
          ]);
          expect(headers.get("www-authenticate")).toBe('Bearer realm="houston"');
        }
      }
    }
    expect((await fetch(`${microsoft.base}/Users`)).status).toBe(401);
    const stranger = await scimClient(houston, { authorization: "Bearer wrong" });
    expect((await stranger.post("/Users", entraUser())).status).toBe(401);
    expect((await stranger.send("PATCH", "/Groups/x", "{")).status).toBe(401);
  });

  it("M1: is off for a provider without a code or a token, and for what is no provider", async () => {
    for (const provider of ["google", "local", "unknown", "MICROSOFT", "__proto__", "%00"]) {
      const client = await scimClient(houston, { provider, authorization: `Bearer ${CODE}` });
      expect((await client.get("/Users")).status, provider).toBe(401);
    }
  });

  it("is on for a provider with a name of its own", async () => {
    const own = { scimAuthCode: "keycloak-authentication-code" };
    const openidConnect = { keycloak: { ...config.auth.openidConnect.custom, ...own } } as never;
    const houston = await testHouston({ auth: { openidConnect } });
    await houston.build.user();
    const client = await scimClient(houston, { provider: "keycloak", authorization: `Bearer ${own.scimAuthCode}` });
    const { status, body } = await client.post("/Groups", { displayName: "Own" });
    expect(status).toBe(201);
    expect(await houston.db.team.findUniqueOrThrow({ where: { id: body.id } })).toMatchObject({ provider: "keycloak" });
    const create = "mutation ($p: String!) { createScimToken(provider: $p) { provider } }";
    const { token } = await houston.build.systemAdmin();
    expect(outcomeOf(await houston.as({ token }).send(create, { p: "keycloak" }))).toBe("ok");
    for (const p of ["flow", "unknown", "__proto__", "local"]) {
      expect(outcomeOf(await houston.as({ token }).send(create, { p })), p).toBe("BAD_USER_INPUT provider");
    }
  });

  it("M1: takes tokens that open nothing else", async () => {
    for (const token of [microsoft.token, CODE]) {
      expect(outcomeOf(await as({ token }).send("{ self { user { id } } }"))).toBe("UNAUTHENTICATED");
      const rest = await fetch(`${url}/platform/v1beta1/organizations`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(rest.status).toBe(401);
      for (const path of ["/v1/audit-log", "/v1/registry/authorization?service=x", "/v1/authorization"]) {
        const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
        expect([401, 403], path).toContain(answer.status);
      }
    }
  });

  it("M2: shows and changes nothing of another provider, nor people and teams who belong to none", async () => {
    const user = (await okta.post("/Users", entraUser())).body;
    const group = (await okta.post("/Groups", { displayName: "Okta's", members: [{ value: user.id }] })).body;
    const local = await build.user();
    const { team } = await build.team();
    const before = JSON.stringify([await db.user.findMany(), await db.team.findMany(), await db.teamMember.findMany()]);
    for (const [path, id] of [
      ...(["/Users", "/Users"].map((one, n) => [one, [user.id, local.id][n]]) as [string, string][]),
      ...(["/Groups", "/Groups"].map((one, n) => [one, [group.id, team.id][n]]) as [string, string][]),
    ]) {
      const unknown = await microsoft.get(`${path}/unknown`);
      const strip = ({ status, body }: typeof unknown) => [
        status,
        { ...body, detail: body.detail.replace(/\w+$/, "") },
      ];
      for (const answer of [
        await microsoft.get(`${path}/${id}`),
        await microsoft.put(`${path}/${id}`, { ...entraUser(), displayName: "Taken over" }),
        await microsoft.send("PATCH", `${path}/${id}`, patchOf({ op: "replace", path: "displayName", value: "Taken" })),
        await microsoft.delete(`${path}/${id}`),
      ]) {
        expect(strip(answer)).toEqual(strip(unknown));
      }
      expect(await microsoft.find(path, `id eq "${id}"`)).toEqual([]);
    }
    expect(await microsoft.find("/Groups", `members eq "${user.id}"`)).toEqual([]);
    // Another provider's users are nobody that its teams could have.
    const mine = (await microsoft.post("/Groups", { displayName: "Mine", members: [] })).body;
    for (const id of [user.id, local.id]) {
      const added = await microsoft.patch(`/Groups/${mine.id}`, { op: "add", path: "members", value: [{ value: id }] });
      expect(added).toMatchObject({ status: 400, body: { scimType: "invalidValue" } });
    }
    await microsoft.delete(`/Groups/${mine.id}`);
    const after = JSON.stringify([await db.user.findMany(), await db.team.findMany(), await db.teamMember.findMany()]);
    expect(after).toBe(before);
    expect((await microsoft.get("/Users")).body.totalResults).toBe(0);
  });

  it("says when a token was used, at most a minute late", async () => {
    const { token } = microsoft;
    const stored = () => db.scimToken.findUniqueOrThrow({ where: { tokenHash: hashOf(token) } });
    const { lastUsedAt } = await stored();
    expect(lastUsedAt).not.toBeNull();
    await db.scimToken.update({ where: { tokenHash: hashOf(token) }, data: { lastUsedAt: new Date(0) } });
    await microsoft.get("/Users?count=0");
    expect((await stored()).lastUsedAt?.getTime()).toBeGreaterThan((lastUsedAt?.getTime() ?? 0) - 60_000);
  });

  it("records who was refused, without what they sent", async () => {
    const stranger = await scimClient(houston, { authorization: "Bearer canary-credential" });
    await stranger.get("/Users");
    await app.services.denials.flush();
    const entries = await db.auditEntry.findMany({ where: { action: "scim" } });
    expect(entries[0]).toMatchObject({ outcome: "FAILED", actor: "anonymous", via: "scim", address: "127.0.0.1" });
    expect(JSON.stringify(entries)).not.toContain("canary-credential");
  });
});

describe("a client address", () => {
  it("is refused for a minute after too many wrong tokens, also with the right one", async () => {
    const limited = await testHouston({ auth: { local: { limits: { attemptsPerAddress: 3 } } } });
    const client = await scimClient(limited);
    const stranger = await scimClient(limited, { authorization: "Bearer wrong" });
    expect((await client.get("/Users")).status).toBe(200);
    for (const status of [401, 401, 401, 429]) expect((await stranger.get("/Users")).status).toBe(status);
    const refused = await client.get("/Users");
    expect(refused).toMatchObject({ status: 429, body: { status: "429" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await limited.db.attemptCount.updateMany({ data: { windowEndsAt: new Date(0) } });
    expect((await client.get("/Users")).status).toBe(200);
  });
});
