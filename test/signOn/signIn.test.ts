import { describe, expect, it } from "vitest";
import { identityProvider } from "../support/identityProvider.ts";
import { signOnHouston } from "../support/signOn.ts";

const houston = await signOnHouston({
  custom: { displayName: "Example ID", emailDomains: ["example.com"] },
  okta: { emailDomains: ["example.com"], thin: true },
});
const { base, browser, db, idps } = houston;
const { custom, okta } = idps;
await houston.build.systemAdmin();

const person = (idp = custom, more: object = {}) =>
  idp.account({ email: `p${idp.accounts.size}@example.com`, email_verified: true, ...more });
const tokenIn = (text: string) => /<textarea[^>]*>([^<]+)</.exec(text)?.[1] ?? "";
const refusedWith = (reason: string) => `${base}/app/login?refused=${reason}`;
const identityOf = (subject: string) => db.identity.findFirst({ where: { subject } });

describe("signing in with OpenID Connect", () => {
  it("signs up whoever has an address of the provider's domain, and shows the token", async () => {
    const sub = custom.account({ email: "Ada@Example.com", email_verified: true, name: "Ada Lovelace" });
    const answer = await browser().signIn("custom", "&redirect=token");
    expect(answer.url).toBe(`${base}/app/token`);
    const token = tokenIn(answer.text);
    const { data } = await houston
      .as({ token })
      .send("{ self { user { username fullName emails { address verified } } } }");
    expect(data.self.user).toEqual({
      username: "ada@example.com",
      fullName: "Ada Lovelace",
      emails: [{ address: "ada@example.com", verified: true }],
    });
    const identity = await identityOf(sub);
    expect(identity).toMatchObject({ provider: "custom", issuer: custom.issuer });
    const entries = await db.auditEntry.findMany({
      where: { entityId: identity?.userId ?? "" },
      orderBy: { sequence: "asc" },
    });
    const actor = `user:${identity?.userId}`;
    expect(entries.map((entry) => [entry.action, entry.actor, entry.via, entry.outcome])).toEqual([
      ["createUser", actor, "pages", "DONE"],
      ["signInWith", actor, "pages", "DONE"],
    ]);
  });

  it("finds the same user by issuer and subject, whatever the address is then", async () => {
    const sub = person();
    await browser().signIn("custom");
    custom.accounts.set(sub, { email: "renamed@example.com", email_verified: true });
    expect((await browser().signIn("custom")).url).toBe(`${base}/app/`);
    const identity = await identityOf(sub);
    expect(await db.session.count({ where: { userId: identity?.userId ?? "" } })).toBe(2);
    expect(await db.email.findUnique({ where: { address: "renamed@example.com" } })).toBeNull();
  });

  it("asks userinfo for what a thin ID token does not say, and only for the same subject", async () => {
    const sub = person(okta, { name: "Thin" });
    await browser().signIn("okta");
    expect(okta.requests).toContain("/me");
    const identity = await identityOf(sub);
    const user = await db.user.findUniqueOrThrow({ where: { id: identity?.userId ?? "" } });
    expect(user.fullName).toBe("Thin");
    const other = person(okta);
    okta.answer = (path, response) => {
      if (path !== "/me") return false;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ sub, email: "p0@example.com", email_verified: true }));
      return true;
    };
    const answer = await browser().signIn("okta");
    okta.answer = undefined;
    expect(answer.url).toBe(refusedWith("invalid"));
    expect(await identityOf(other)).toBeNull();
  });

  it("offers the providers on the sign-in page and in authConfig", async () => {
    const { text } = await browser().go("app/login?rd=token");
    expect(text).toContain(`href="../v1/oauth/login?provider=custom&amp;redirect=token">Sign in with Example ID</a>`);
    const { data } = await houston
      .as(undefined)
      .send(`{ authConfig(redirect: "${base}/app/token") { providers { name displayName url } } }`);
    const redirect = encodeURIComponent(`${base}/app/token`);
    expect(data.authConfig.providers).toEqual([
      { name: "okta", displayName: "Okta", url: `${base}/v1/oauth/login?provider=okta&redirect=${redirect}` },
      { name: "custom", displayName: "Example ID", url: `${base}/v1/oauth/login?provider=custom&redirect=${redirect}` },
    ]);
    person();
    expect((await browser().go(data.authConfig.providers[1].url)).url).toBe(`${base}/app/token`);
  });

  it("leads only to places of the platform afterwards", async () => {
    for (const redirect of ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)"]) {
      person();
      expect((await browser().signIn("custom", `&redirect=${encodeURIComponent(redirect)}`)).url).toBe(`${base}/app/`);
    }
  });

  it("ends in words of the sign-in page if the person is denied at the provider", async () => {
    const visitor = browser();
    const callback = new URL(await visitor.toCallback("custom"));
    callback.searchParams.delete("code");
    callback.searchParams.set("error", "access_denied");
    const answer = await visitor.go(callback.href);
    expect(answer.url).toBe(refusedWith("denied"));
    expect(answer.text).toContain("The identity provider did not sign you in");
    expect((await visitor.go("app/login?refused=<script>")).text).not.toContain('role="alert"');
    expect((await visitor.signIn("nobody")).url).toBe(refusedWith("unknownProvider"));
  });
});

describe("T24: the answer of a provider", () => {
  it("is bound by state, nonce and PKCE to one browser and one sign-in", async () => {
    person();
    const visitor = browser();
    const url = await visitor.go("v1/oauth/login?provider=custom", (at) => at.startsWith(custom.issuer));
    const sent = new URL(url.url).searchParams;
    expect(sent.get("code_challenge_method")).toBe("S256");
    expect(sent.get("response_type")).toBe("code");
    for (const name of ["state", "nonce", "code_challenge"]) expect(sent.get(name)).toMatch(/^[\w-]{43}$/);
    expect(sent.get("redirect_uri")).toBe(`${base}/v1/oauth/callback`);

    const callback = await visitor.toCallback("custom");
    // Another browser, which did not begin it, or began another one.
    expect((await browser().go(callback)).url).toBe(refusedWith("expired"));
    const other = browser();
    await other.toCallback("custom");
    expect((await other.go(callback)).url).toBe(refusedWith("expired"));
    const wrongState = new URL(callback);
    wrongState.searchParams.set("state", "x".repeat(43));
    const third = browser();
    await third.toCallback("custom");
    expect((await third.go(wrongState.href)).url).toBe(refusedWith("expired"));
  });

  it("counts once, also with a copy of the cookie", async () => {
    person();
    const visitor = browser();
    const callback = await visitor.toCallback("custom");
    const cookie = visitor.houston.cookies.get("houston_sign_on") ?? "";
    const requests = custom.requests.filter((path) => path === "/token").length;
    expect((await visitor.go(callback)).url).toBe(`${base}/app/`);
    expect(visitor.houston.cookies.has("houston_sign_on")).toBe(false);
    visitor.houston.cookies.set("houston_sign_on", cookie);
    expect((await visitor.go(callback)).url).toBe(refusedWith("expired"));
    expect(custom.requests.filter((path) => path === "/token").length).toBe(requests + 1);
  });

  it("is not taken after 10 minutes, or from a cookie that was made elsewhere", async () => {
    person();
    const visitor = browser();
    const callback = await visitor.toCallback("custom");
    const { services } = houston.app;
    const now = services.now;
    services.now = () => new Date(Date.now() + 10 * 60_000 + 1_000);
    try {
      expect((await visitor.go(callback)).url).toBe(refusedWith("expired"));
    } finally {
      services.now = now;
    }
    const again = await visitor.toCallback("custom");
    visitor.houston.cookies.set("houston_sign_on", services.secrets.seal("{}", "something else"));
    expect((await visitor.go(again)).url).toBe(refusedWith("expired"));
  });

  it("names the provider that was asked: the code of one is not sent to another", async () => {
    person();
    const visitor = browser();
    const callback = new URL(await visitor.toCallback("custom"));
    expect(callback.searchParams.get("iss")).toBe(custom.issuer);
    callback.searchParams.set("iss", okta.issuer);
    const requests = [...custom.requests, ...okta.requests].filter((path) => path === "/token").length;
    expect((await visitor.go(callback.href)).url).toBe(refusedWith("invalid"));
    expect([...custom.requests, ...okta.requests].filter((path) => path === "/token").length).toBe(requests);
  });

  const hour = 3_600;
  it.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
    ["another nonce", (claims) => ({ ...claims, nonce: "another" })],
    ["no nonce", ({ nonce: _, ...claims }) => claims],
    ["another issuer", (claims) => ({ ...claims, iss: "https://evil.example.com" })],
    ["another audience", (claims) => ({ ...claims, aud: "another client" })],
    ["times in the past", (claims) => ({ ...claims, iat: Number(claims.iat) - hour, exp: Number(claims.exp) - hour })],
  ])("is refused for an ID token with %s", async (_, change) => {
    const sub = person();
    custom.change = change;
    const answer = await browser().signIn("custom");
    custom.change = undefined;
    expect(answer.url).toBe(refusedWith("invalid"));
    expect(await identityOf(sub)).toBeNull();
  });

  it("is taken if the test provider only signs it again", async () => {
    const sub = person();
    custom.change = (claims) => claims;
    const answer = await browser().signIn("custom");
    custom.change = undefined;
    expect(answer.url).toBe(`${base}/app/`);
    expect(await identityOf(sub)).not.toBeNull();
  });

  it("is refused for an ID token with the signature of somebody else", async () => {
    const stranger = await identityProvider({ redirectUris: [`${base}/v1/oauth/callback`] });
    const sub = person();
    custom.change = (claims) => claims;
    const own = custom.sign;
    custom.sign = stranger.sign;
    const answer = await browser().signIn("custom");
    custom.sign = own;
    custom.change = undefined;
    expect(answer.url).toBe(refusedWith("invalid"));
    expect(await identityOf(sub)).toBeNull();
  });

  it("is taken after the provider changed its keys, which are fetched once", async () => {
    person();
    await browser().signIn("custom");
    // The last time that they were fetched may be a moment ago.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    custom.rotateKeys();
    const before = custom.requests.filter((path) => path === "/jwks").length;
    const callbacks = [];
    for (let count = 0; count < 5; count += 1) {
      person();
      const visitor = browser();
      callbacks.push({ visitor, url: await visitor.toCallback("custom") });
    }
    const answers = await Promise.all(callbacks.map(({ visitor, url }) => visitor.go(url)));
    expect(answers.map(({ url }) => url)).toEqual(Array(5).fill(`${base}/app/`));
    expect(custom.requests.filter((path) => path === "/jwks").length).toBe(before + 1);
    // A key that is known is not fetched again, and the metadata never was.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    person();
    expect((await browser().signIn("custom")).url).toBe(`${base}/app/`);
    expect(custom.requests.filter((path) => path === "/jwks").length).toBe(before + 1);
    expect(custom.requests.filter((path) => path.endsWith("openid-configuration"))).toHaveLength(1);
  }, 60_000);
});

it("a sign-in that was refused is in the audit log", async () => {
  await houston.app.services.denials.flush();
  const entries = await db.auditEntry.findMany({ where: { action: "signInWith", outcome: "FAILED" } });
  expect(entries.length).toBeGreaterThan(0);
  const invalid = entries.find(({ detail }) => (detail as { argument?: string }).argument === "invalid");
  expect(invalid).toMatchObject({ entityType: "User", entityId: "unknown", actor: "anonymous", via: "pages" });
});

describe("the session of an identity provider", () => {
  it("ends there too, from the page after signing out; its ID token is stored encrypted", async () => {
    const sub = person();
    const visitor = browser();
    await visitor.signIn("custom");
    const identity = await identityOf(sub);
    const session = await db.session.findFirstOrThrow({ where: { userId: identity?.userId ?? "" } });
    expect(session.provider).toBe("custom");
    expect(session.idTokenEncrypted).toMatch(/^v1\./);
    const answer = await visitor.houston.fill(`${base}/app/sign-out`, "Sign out");
    expect(await db.session.count({ where: { id: session.id } })).toBe(0);
    const link = /href="([^"]*session\/end[^"]*)"/.exec(answer.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const query = new URL(link).searchParams;
    expect(query.get("id_token_hint")?.split(".")).toHaveLength(3);
    expect(query.get("post_logout_redirect_uri")).toBe(`${base}/app/login`);
    expect((await visitor.go(link)).status).toBe(200);
  });

  it("shows the token for 5 minutes, and then asks to sign in at the provider again", async () => {
    const sub = person();
    const visitor = browser();
    await visitor.signIn("custom");
    const identity = await identityOf(sub);
    const createdAt = new Date(Date.now() - 6 * 60_000);
    await db.session.updateMany({ where: { userId: identity?.userId ?? "" }, data: { createdAt } });
    const { text } = await visitor.go("app/token");
    expect(tokenIn(text)).toBe("");
    expect(text).not.toContain('type="password"');
    expect(text).toContain("provider=custom&amp;redirect=token");
    const again = await visitor.signIn("custom", "&redirect=token");
    expect(tokenIn(again.text)).toMatch(/^ey/);
  });
});
