import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { MAX_FORM } from "../../src/api/pages/parts/readForm.ts";
import { configFrom } from "../../src/platform/config/config.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { createVisitor, send } from "../support/pagesClient.ts";
import { houstonWithLimits, PASSWORD } from "../support/signIns.ts";

const passwordHash = bcrypt.hashSync(PASSWORD, 10);
const mailbox = createMailbox();

/** Houston with pages at `/app` only. */
const plain = await testHouston({ email: { folder: mailbox.folder }, publicSignups: true });
/** And with a base domain, over https. */
const domain = await testHouston({ helm: { baseDomain: "example.com" }, email: { folder: mailbox.folder } });

const person = ({ build }: Pick<typeof plain, "build">, given: Parameters<typeof plain.build.user>[0] = {}) =>
  build.user({ ...given, localCredential: { create: { passwordHash } } });

/** A browser at `/app`, or at the platform's own host for pages. */
const visitorOf = ({ url }: { url: string }) => createVisitor(`${url}/app`);
const domainVisitor = () => createVisitor(domain.url, { host: "app.example.com" });

type Visitor = ReturnType<typeof createVisitor>;
const signIn = (visitor: Visitor, identity: string, fields: Record<string, string> = {}) =>
  visitor.fill("login", "Sign in", { identity, password: PASSWORD, ...fields });

/** A signed-in browser. */
async function signedIn(houston: typeof plain) {
  const user = await person(houston);
  const visitor = visitorOf(houston);
  expect((await signIn(visitor, user.email)).status).toBe(303);
  return { user, visitor };
}

describe("cookies", () => {
  it("are for this host only and not for scripts, without a base domain", async () => {
    const user = await person(plain);
    const answer = await signIn(visitorOf(plain), user.email);
    expect(answer.headers.get("location")).toBe("./");
    const [session, ...others] = answer.headers.getSetCookie();
    expect(session).toMatch(/^houston_session=[\w.-]+; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax$/);
    expect(others).toEqual([]);
  });

  it("are sent over https only with a base domain, and only that for Airflow goes to all its hosts", async () => {
    const user = await person(domain);
    const visitor = domainVisitor();
    const first = await visitor.go("login");
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-houston_form=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const answer = await signIn(visitor, user.email);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-houston_session=[\w.-]+; Path=\/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax$/),
      expect.stringMatching(
        /^houston_airflow=[\w.-]+; Path=\/; Domain=example\.com; Max-Age=86400; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    expect(await domain.db.session.count({ where: { userId: user.id } })).toBe(2);
  });

  it("open nothing but what they are for", async () => {
    const user = await person(domain, { roles: [{ role: "SYSTEM_ADMIN" }] });
    const visitor = domainVisitor();
    await signIn(visitor, user.email);
    const session = visitor.cookies.get("__Host-houston_session") ?? "";
    const airflow = visitor.cookies.get("houston_airflow") ?? "";
    const door = (token: string) =>
      send(`${domain.url}/v1/authorization`, {
        headers: { "x-original-url": "https://grafana.example.com/", cookie: `houston_airflow=${token}` },
      });
    expect((await door(airflow)).status).toBe(200);
    expect((await door(session)).status).toBe(401);
    for (const token of [session, airflow]) {
      const { errors } = await domain.as({ token }).send("{ self { user { id } } }");
      expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    }
    for (const [token, status] of [
      [session, 200],
      [airflow, 303],
      [user.token, 303],
    ] as const) {
      const headers = { host: "app.example.com", cookie: `__Host-houston_session=${token}` };
      expect((await send(`${domain.url}/account`, { headers })).status).toBe(status);
    }
    const bearer = { host: "app.example.com", authorization: user.token };
    expect((await send(`${domain.url}/account`, { headers: bearer })).status).toBe(303);
  });

  it("are both removed by signing out, which ends the session", async () => {
    const user = await person(domain);
    const visitor = domainVisitor();
    await signIn(visitor, user.email);
    const session = visitor.cookies.get("__Host-houston_session") ?? "";
    const answer = await visitor.fill("", "Sign out", {}, { origin: "https://app.example.com" });
    expect(answer.headers.get("location")).toBe("login?done=signedOut");
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-houston_session=; Path=\/; Max-Age=0; /),
      expect.stringMatching(/^houston_airflow=; Path=\/; Domain=example\.com; Max-Age=0; /),
    ]);
    visitor.cookies.set("__Host-houston_session", session);
    expect((await visitor.go("account")).headers.get("location")).toBe("login?rd=account");
    const entry = await domain.db.auditEntry.findFirst({ where: { action: "logout", entityId: user.id } });
    expect(entry).toMatchObject({ actor: `user:${user.id}`, via: "pages" });
  });

  it("are removed too if the session has ended already", async () => {
    const user = await person(domain);
    const visitor = domainVisitor();
    await signIn(visitor, user.email);
    await domain.db.session.deleteMany({ where: { userId: user.id } });
    const answer = await visitor.go("account");
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-houston_session=; .*Max-Age=0/),
      expect.stringMatching(/^houston_airflow=; .*Max-Age=0/),
    ]);
  });
});

describe("a form of another site", () => {
  const sent = { identity: "nobody", password: "wrong horse" };

  it.each([
    ["https://evil.example", "another site"],
    ["https://quiet-comet-1000-airflow.example.com", "an Airflow"],
    ["null", "a frame without an origin"],
    ["https://app.example.com.evil.example", "a host that begins like ours"],
  ])("is not accepted from %s (%s)", async (origin) => {
    const answer = await domainVisitor().fill("login", "Sign in", sent, { origin });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain("The form cannot be used any more");
  });

  it.each(["cross-site", "same-site", "none"])("is not accepted if the browser says %s", async (site) => {
    const headers = { origin: "https://app.example.com", "sec-fetch-site": site };
    expect((await domainVisitor().fill("login", "Sign in", sent, headers)).status).toBe(403);
  });

  it("is not accepted without any origin", async () => {
    expect((await domainVisitor().fill("login", "Sign in", sent, {})).status).toBe(403);
  });

  it.each([
    { origin: "https://app.example.com" },
    { origin: "null", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "same-origin" },
  ])("is none of that if it comes from here: %j", async (headers) => {
    expect((await domainVisitor().fill("login", "Sign in", sent, headers as never)).status).toBe(401);
  });

  it("is not accepted with the token of someone else, or none", async () => {
    const other = await visitorOf(plain).go("login");
    const token = /name="formToken" value="([^"]+)"/.exec(other.text)?.[1] ?? "";
    const visitor = visitorOf(plain);
    for (const formToken of [token, "", "x".repeat(43)]) {
      expect((await visitor.fill("login", "Sign in", { ...sent, formToken })).status).toBe(403);
    }
    expect((await visitor.fill("login", "Sign in", sent)).status).toBe(401);
  });

  it("is not accepted with the token of another session, or with that from before signing in", async () => {
    const { user, visitor } = await signedIn(plain);
    const { visitor: other } = await signedIn(plain);
    const theirs = /name="formToken" value="([^"]+)"/.exec((await other.go("account")).text)?.[1] ?? "";
    const before = /name="formToken" value="([^"]+)"/.exec((await visitor.go("login?as=other")).text)?.[1] ?? "";
    for (const formToken of [theirs, before, ""]) {
      const answer = await visitor.fill("account", "Sign out", { formToken });
      expect(answer.status).toBe(403);
    }
    expect(await plain.db.session.count({ where: { userId: user.id } })).toBe(2);
  });
});

describe("where to go after signing in", () => {
  it.each([
    ["https://deployments.example.com/quiet-comet-1000/home?a=1#b"],
    ["https://example.com/"],
    ["https://app.example.com/token"],
    ["https://a.b.example.com/"],
    ["https://deployments.eu.example.com/quiet-comet-1000/airflow"],
    ["/token?x=1"],
    ["account"],
  ])("is %s", async (rd) => {
    const user = await person(domain);
    expect((await signIn(domainVisitor(), user.email, { rd })).headers.get("location")).toBe(rd);
  });

  it("is https where browsers use it, whatever the ingress knows", async () => {
    const user = await person(domain);
    const answer = await signIn(domainVisitor(), user.email, { rd: "http://grafana.example.com/d" });
    expect(answer.headers.get("location")).toBe("https://grafana.example.com/d");
  });

  const strange = [
    ...["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/%09/evil"],
    ...[
      "https:evil.example",
      "https:/evil.example",
      "https:///evil.example",
      "https:\\\\evil.example",
      "HTTPS://evil.example",
    ],
    ...[
      "https://example.com@evil.example/",
      "https://user:pw@app.example.com/",
      "https://app.example.com:pw@evil.example",
    ],
    ...[
      "https://evil.example\\.example.com/",
      "https://evil.example#.example.com",
      "https://evil.example?.example.com",
    ],
    "https://deployments.example.org/quiet-comet-1000/airflow",
    ...["https://evilexample.com/", "https://example.com.evil.example/", "https://app.example.com:8443/"],
    ...[
      "https://app.example.com./",
      "https://evil.example%2f.example.com/",
      "%2F%2Fevil.example",
      "%68ttps://evil.example",
    ],
    ...["/.//evil.example", "/..//evil.example", "/%2e//evil.example", "/x/..//evil.example", "/./\\evil.example"],
    ...[
      "javascript:alert(1)",
      "data:text/html,x",
      "ftp://example.com/",
      "https://exam\nple.com",
      " //evil.example",
      "",
    ],
    ...["https://éxample.com/", "https://evil.example\u3002example.com.evil.example/", `/${"x".repeat(3_000)}`],
  ];
  it.each(strange)("is the first page instead of %j", async (rd) => {
    const { headers, status } = await signIn(domainVisitor(), (await person(domain)).email, { rd });
    expect(status).toBe(303);
    const location = headers.get("location") ?? "";
    const target = new URL(location, "https://app.example.com/login");
    expect(target.hostname).toBe("app.example.com");
    if (rd !== "/%09/evil") expect(location).toBe("./");
  });

  it("is only this host without a base domain", async () => {
    const user = await person(plain);
    const to = async (rd: string) => (await signIn(visitorOf(plain), user.email, { rd })).headers.get("location");
    expect(await to("https://x.localhost/")).toBe("./");
    expect(await to("https://evil.example/")).toBe("./");
    expect(await to("/v1")).toBe("/v1");
  });

  it.each([
    ["rd=https://x.example.com%2Fhome%3Fa%3D1%26b%3D2", "https://x.example.com/home?a=1&b=2"],
    ["rd=https%3A%2F%2Fx.example.com%2Fhome%3Fa%3D1%26b%3D2", "https://x.example.com/home?a=1&b=2"],
    ["rd=https://x.example.com/home?a=1&b=2", "https://x.example.com/home?a=1&b=2"],
    ["rd=https://x.example.com/home%20page?a=%26&b=2", "https://x.example.com/home%20page?a=%26&b=2"],
  ])("is read from the query as nginx writes it: %s", async (query, target) => {
    const user = await person(domain);
    const visitor = domainVisitor();
    const identity = { identity: user.email, password: PASSWORD };
    expect((await visitor.fill(`login?${query}`, "Sign in", identity)).headers.get("location")).toBe(target);
    // Someone who is signed in is asked, so that no loop of redirects is possible.
    const again = await visitor.go(`login?${query}`);
    expect(again.status).toBe(200);
    expect(again.text).toContain(`href="${target.replaceAll("&", "&amp;")}">Continue to x.example.com</a>`);
    expect(again.headers.getSetCookie().join()).toContain("houston_airflow=ey");
  });

  it("is shown as text, and not followed elsewhere, by the page for someone who is signed in", async () => {
    const { visitor } = await signedIn(plain);
    const { text } = await visitor.go(`login?rd=${encodeURIComponent('//evil.example"><script>')}`);
    expect(text).toContain('<a class="button" href="./">Continue</a>');
    expect(text).not.toContain("<script>");
  });
});

describe("the token", () => {
  it("is one for the API, with the expiry of the session, and shown only soon after signing in", async () => {
    const houston = await houstonWithLimits();
    const user = await houston.buildUser();
    const visitor = visitorOf(houston);
    await signIn(visitor, user.email);
    const shown = await visitor.go("token");
    const token = /<textarea[^>]*>([^<]+)</.exec(shown.text)?.[1] ?? "";
    expect((await houston.as({ token }).send("{ self { user { id } } }")).data.self.user.id).toBe(user.id);
    const session = await houston.db.session.findFirstOrThrow({ orderBy: { createdAt: "desc" } });
    expect(shown.text).toContain(session.expiresAt.toISOString());

    houston.clock.pass(5 * 60_000 + 1_000);
    const asked = await visitor.go("token");
    expect(asked.text).not.toContain(token);
    expect(asked.text).toContain("Enter your password");
    const wrong = await visitor.fill("token", "Show the token", { password: "wrong horse" });
    expect(wrong.status).toBe(401);
    expect(wrong.text).not.toContain("<textarea");
    const right = await visitor.fill("token", "Show the token", { password: PASSWORD });
    expect(right.headers.get("location")).toBe("token");
    expect(await houston.db.session.count({ where: { id: session.id } })).toBe(0);
  });

  it("is for the user of the session, whoever else's password is sent", async () => {
    const houston = await houstonWithLimits();
    const [user, other] = [await houston.buildUser(), await houston.build.user()];
    await houston.db.localCredential.create({
      data: { userId: other.id, passwordHash: bcrypt.hashSync("other horse", 10) },
    });
    const visitor = visitorOf(houston);
    await signIn(visitor, user.email);
    houston.clock.pass(10 * 60_000);
    const sent = { password: "other horse", identity: other.email };
    expect((await visitor.fill("token", "Show the token", sent)).status).toBe(401);
  });
});

describe("the first page", () => {
  const listed = ({ text }: { text: string }) =>
    [...text.matchAll(/<li><a href="(http[^"]+)">([^<]+)<\/a><span>([^<]+)<\/span>/g)].map(([, ...about]) => about);

  it("lists the Deployments that the user can open, and no other", async () => {
    const user = await person(domain);
    const visitor = domainVisitor();
    await signIn(visitor, user.email);
    expect((await visitor.go("")).text).toContain("There is no Deployment yet that you can open.");
    const [own, inWorkspace] = [await domain.build.deployment(), await domain.build.deployment()];
    const [deleted, foreign] = [await domain.build.deployment(), await domain.build.deployment()];
    const add = (data: object) => domain.db.roleBinding.create({ data: { userId: user.id, ...data } as never });
    await add({ role: "DEPLOYMENT_VIEWER", deploymentId: own.deployment.id });
    await add({ role: "DEPLOYMENT_VIEWER", deploymentId: deleted.deployment.id });
    await add({ role: "WORKSPACE_ADMIN", workspaceId: inWorkspace.deployment.workspaceId });
    // A role that does not open Airflow.
    await add({ role: "WORKSPACE_VIEWER", workspaceId: foreign.deployment.workspaceId });
    await domain.db.deployment.update({ where: { id: deleted.deployment.id }, data: { deletedAt: new Date() } });
    const urls = listed(await visitor.go("")).map(([url]) => url);
    const urlOf = (one: typeof own) => `https://deployments.example.com/${one.deployment.releaseName}/airflow`;
    expect(urls.sort()).toEqual([urlOf(own), urlOf(inWorkspace)].sort());
    for (const url of urls) {
      const headers = {
        "x-original-url": url ?? "",
        cookie: `houston_airflow=${visitor.cookies.get("houston_airflow")}`,
      };
      expect((await send(`${domain.url}/v1/authorization`, { headers })).status).toBe(200);
    }
    expect((await visitor.go("")).text).not.toContain('role="search"');
  });

  it("says which of them do not run, and why", async () => {
    const { user, visitor } = await signedIn(plain);
    const { workspace } = await plain.build.workspace();
    await plain.db.roleBinding.create({
      data: { userId: user.id, role: "WORKSPACE_ADMIN", workspaceId: workspace.id },
    });
    const build = (label: string, state: object) =>
      plain.build.deployment({ workspaceId: workspace.id, label, ...state });
    await build("A", { status: "HEALTHY" });
    await build("B", { status: "UNHEALTHY", statusReason: "no image <b>" });
    await build("C", { status: "DEPLOYING" });
    await build("D", {});
    const { text } = await visitor.go("");
    const states = [...text.matchAll(/<li><a href="http[^"]+">([A-D])<\/a><span>[^<]+<\/span>(.*?)<\/li>/g)];
    expect(states.map(([, label, state]) => `${label} ${state}`)).toEqual([
      "A ",
      "B <span>Unhealthy: no image &lt;b&gt;</span>",
      "C <span>Being deployed</span>",
      "D ",
    ]);
  });

  it("has pages and a search, for labels of all kinds", async () => {
    const { user, visitor } = await signedIn(plain);
    const { workspace } = await plain.build.workspace({ label: "Pages <&> more" });
    await plain.db.roleBinding.create({
      data: { userId: user.id, role: "WORKSPACE_ADMIN", workspaceId: workspace.id },
    });
    for (let n = 10; n < 35; n++) await plain.build.deployment({ workspaceId: workspace.id, label: `Flow ${n}_%` });
    const labels = async (path: string) => listed(await visitor.go(path)).map(([, label]) => label);
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `Flow ${from + n}_%`);
    expect(await labels("")).toEqual(range(10, 30));
    const [, next] = /<a href="([^"]+)" rel="next">/.exec((await visitor.go("")).text) ?? [];
    expect(await labels(next ?? "")).toEqual(range(30, 35));
    expect(await labels("./?search=flow+12_")).toEqual(["Flow 12_%"]);
    expect(await labels("./?search=<%26>&page=2")).toEqual(range(30, 35));
    for (const none of ["./?search=x_%", "./?search=%00%00nobody", "./?page=999999"])
      expect(await labels(none)).toEqual([]);
    for (const bad of ["./?page=0", "./?page=-1", "./?page=x", "./?page=1&page=2"]) {
      expect(await labels(bad)).toEqual(range(10, 30));
    }
    const found = await visitor.go(`./?search=${encodeURIComponent('"><b>')}`);
    expect(found.text).toContain('value="&quot;&gt;&lt;b&gt;"');
    expect(found.text).toContain("None found.");
  });
});

describe("sessions", () => {
  it("are listed, and ended one by one or all others", async () => {
    const { user, visitor } = await signedIn(plain);
    const [first, second] = [await plain.build.tokenOf(user.id), await plain.build.tokenOf(user.id)];
    const works = async (token: string) =>
      (await plain.as({ token }).send("{ self { user { id } } }")).errors === undefined;
    const page = await visitor.go("account");
    expect(page.text.match(/<li class="row">/g)).toHaveLength(4);
    // The sign-in is the first use.
    const long = new Date("2026-01-02T03:04:05Z");
    await plain.db.session.updateMany({ where: { userId: user.id }, data: { createdAt: long } });
    const usedLongAgo = async () =>
      (await visitor.go("account")).text.match(/Last used <time datetime="2026-01-02/g)?.length;
    expect(await usedLongAgo()).toBe(3);
    await works(first);
    await plain.app.services.lastUsed.flush();
    expect(await usedLongAgo()).toBe(2);
    const { sid } = JSON.parse(Buffer.from(first.split(".")[1] ?? "", "base64url").toString()) as { sid: string };
    const formToken = /name="formToken" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
    const post = (fields: object) => visitor.post("account", new URLSearchParams({ formToken, ...fields }).toString());
    expect((await post({ do: "endSession", sessionId: sid })).headers.get("location")).toBe(
      "account?done=sessionEnded",
    );
    expect([await works(first), await works(second)]).toEqual([false, true]);
    const gone = await post({ do: "endSession", sessionId: sid });
    expect(gone.status).toBe(404);
    expect(gone.text).toContain("this session has already ended");
    expect((await post({ do: "endOthers" })).headers.get("location")).toBe("account?done=othersEnded");
    expect(await works(second)).toBe(false);
    expect((await visitor.go("account?done=othersEnded")).text).toContain("You are signed out everywhere else.");
  });

  it("of others cannot be ended", async () => {
    const { visitor } = await signedIn(plain);
    const other = await person(plain);
    const { id } = await plain.db.session.findFirstOrThrow({ where: { userId: other.id } });
    const formToken = /name="formToken" value="([^"]+)"/.exec((await visitor.go("account")).text)?.[1] ?? "";
    const body = new URLSearchParams({ formToken, do: "endSession", sessionId: id }).toString();
    expect((await visitor.post("account", body)).status).toBe(404);
    expect(await plain.db.session.count({ where: { id } })).toBe(1);
  });

  it("end with a new password, but for the one of this browser", async () => {
    const { user, visitor } = await signedIn(plain);
    const change = (currentPassword: string, password: string) =>
      visitor.fill("account", "Change password", { currentPassword, password });
    const wrong = await change("wrong horse", "another horse");
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain("Current password: must be your current password");
    expect(wrong.text).toMatch(/id="currentPassword"[^>]* aria-invalid="true"/);
    expect((await change(PASSWORD, "another horse")).headers.get("location")).toBe("account?done=passwordChanged");
    expect(await plain.db.session.count({ where: { userId: user.id } })).toBe(1);
    expect((await visitor.go("account")).status).toBe(200);
  });
});

describe("text from others", () => {
  const markup = `"><script>alert(1)</script>'&amp;`;

  it("is shown as it is, in a page that runs no script but its own", async () => {
    const user = await person(plain, { fullName: markup });
    const visitor = visitorOf(plain);
    const wrong = await signIn(visitor, markup);
    const shown = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;";
    expect(wrong.text).toContain(`value="${shown}"`);
    await signIn(visitor, user.email);
    for (const path of ["", "account"]) {
      const page = await visitor.go(path);
      expect(page.text).toContain(shown);
      expect(page.text).not.toContain("<script");
      expect(page.headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
    }
    const token = await visitor.go("token");
    expect(token.headers.get("content-security-policy")).toMatch(/; script-src 'sha256-[\w+/=]+';/);
  });

  it("is not taken from the link: a notice has our words, and a token is not in the page of a bad link", async () => {
    const visitor = visitorOf(plain);
    const page = await visitor.go(`login?done=${encodeURIComponent(markup)}`);
    expect(page.text).not.toContain("alert(1)");
    expect((await visitor.go("login?done=constructor")).text).not.toContain('notice"');
    expect((await visitor.go(`reset-password?token=${encodeURIComponent(markup)}`)).text).not.toContain("alert(1)");
  });

  it("may lead to the platform's hosts by a form, and nowhere else", async () => {
    const { headers } = await domainVisitor().go("login");
    expect(headers.get("content-security-policy")).toContain(
      "form-action 'self' https://example.com https://*.example.com;",
    );
  });
});

describe("too many attempts", () => {
  it("are answered with a page that says how long to wait", async () => {
    const houston = await houstonWithLimits();
    const visitor = visitorOf(houston);
    await houston.buildUser();
    const statuses: number[] = [];
    for (let nth = 0; nth < 11; nth += 1) statuses.push((await signIn(visitor, "nobody")).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const answer = await signIn(visitor, "nobody");
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.text).toMatch(/role="alert">Too many attempts: try again in \d+ seconds</);
  });

  it("are counted together with those of the API, and recorded in the audit log", async () => {
    const houston = await houstonWithLimits();
    const user = await houston.buildUser();
    for (let nth = 0; nth < 10; nth += 1) await houston.from(undefined).signIn(user.email, "wrong horse");
    expect((await signIn(visitorOf(houston), user.email)).status).toBe(429);
    await expect
      .poll(() => houston.db.auditEntry.findFirst({ where: { action: "createToken", via: "pages" } }))
      .toMatchObject({ outcome: "FAILED" });
  });
});

describe("answers", () => {
  it("are the same for known and unknown addresses", async () => {
    const user = await person(plain);
    const ask = async (path: string, button: string, email: string) => {
      const { status, text } = await visitorOf(plain).fill(path, button, { email });
      return { status, text: text.replace(/name="formToken" value="[^"]+"/g, "") };
    };
    for (const [path, button] of [
      ["forgot-password", "Send the e-mail"],
      ["confirm-email", "Send another e-mail"],
    ] as const) {
      expect(await ask(path, button, user.email)).toEqual(await ask(path, button, "nobody@example.com"));
    }
  });

  it.each(["reset-password?token=wrong", "confirm-email?token=wrong", "signup?inviteToken=wrong"])(
    "to a bad link say what to do, and pass it on to nobody (%s)",
    async (path) => {
      const { status, text, headers } = await visitorOf(plain).go(path);
      expect(status).toBe(400);
      expect(text).toMatch(/It was used(,| already)/);
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
    },
  );

  it("to an expired link are the same, also when it expires while its page is open", async () => {
    const user = await person(plain);
    const visitor = visitorOf(plain);
    await visitor.fill("forgot-password", "Send the e-mail", { email: user.email });
    const token = await mailbox.token("reset", user.email);
    const page = await visitor.go(`reset-password?token=${token}`);
    expect(page.text).toContain("Set a new password");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    const formToken = /name="formToken" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
    await plain.db.localCredential.update({ where: { userId: user.id }, data: { resetTokenExpiresAt: new Date(0) } });
    const body = new URLSearchParams({ formToken, token, password: "another horse" }).toString();
    const answer = await visitor.post("reset-password", body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("The link cannot be used");
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("take the address of an invitation, not one that is sent", async () => {
    const admin = await plain.build.systemAdmin();
    await plain.as(admin).send(`mutation { inviteUser(email: "fixed@example.com") { id } }`);
    const token = await mailbox.token("invite", "fixed@example.com");
    const sent = { email: "other@example.com", password: PASSWORD };
    const answer = await visitorOf(plain).fill(`signup?inviteToken=${token}`, "Sign up", sent);
    expect(answer.headers.get("location")).toBe("./?done=signedUp");
    expect(await plain.db.email.count({ where: { address: "fixed@example.com" } })).toBe(1);
    expect(await plain.db.email.count({ where: { address: "other@example.com" } })).toBe(0);
  });

  it("offer no sign-up without an invitation, unless publicSignups allows it", async () => {
    await person(domain);
    const page = await domainVisitor().go("signup");
    expect(page.status).toBe(403);
    expect(page.text).toContain("Sign-up is by invitation");
    expect((await visitorOf(plain).go("signup")).status).toBe(200);
  });

  it("to HEAD are those to GET without a body, and a link is not used up by looking", async () => {
    for (const path of ["login", "reset-password?token=x", "nothing", ""]) {
      const visitor = visitorOf(plain);
      const get = await visitor.go(path);
      const head = await visitor.go(path, { method: "HEAD" });
      expect([head.status, head.text]).toEqual([get.status, ""]);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
    }
  });

  it("to other paths, sizes and types are pages too", async () => {
    const visitor = visitorOf(plain);
    expect((await visitor.go("nothing")).text).toContain("<h1>Page not found</h1>");
    const long = await visitor.post("login", "x".repeat(MAX_FORM + 1));
    expect([long.status, long.text.includes("This did not work")]).toEqual([413, true]);
    const json = await visitor.post("login", "{}", { "content-type": "application/json" });
    expect([json.status, json.text.includes("The body must be a form")]).toEqual([415, true]);
    const moved = await send(`${plain.url}/app`);
    expect([moved.status, moved.headers.get("location")]).toEqual([308, "app/"]);
  });

  it("are not compressed, and not for other origins", async () => {
    const headers = { "accept-encoding": "br, gzip", origin: "https://app.localhost" };
    const page = await visitorOf(plain).go("login", { headers });
    expect(page.headers.get("content-encoding")).toBeNull();
    expect(page.headers.get("access-control-allow-origin")).toBeNull();
    expect((await send(`${plain.url}/v1/healthz`, { headers })).headers.get("access-control-allow-origin")).toBe(
      "https://app.localhost",
    );
  });
});

describe("the pages' own host", () => {
  const at = (path: string, host: string) => send(`${domain.url}${path}`, { headers: { host, accept: "text/html" } });

  it.each(["app.example.com", "APP.example.com", "app.example.com:8443"])("has them at / (%s)", async (host) => {
    await person(domain);
    expect((await at("/", host)).headers.get("location")).toBe("login");
    expect((await at("/login", host)).text).toContain("<h1>Sign in</h1>");
    expect((await at("/app/login", host)).text).toContain("<h1>Sign in</h1>");
    expect((await at("/nothing", host)).text).toContain("There is nothing at this address.");
    expect((await at("/v1", host)).text).toContain("GraphQL Playground");
    expect((await at("/v1/healthz", host)).status).toBe(200);
  });

  it.each(["houston.example.com", "appXexample.com", "app.example.com.evil.example", "xapp.example.com"])(
    "is not %s, which has them at /app",
    async (host) => {
      expect((await at("/", host)).text).toContain("<h1>Houston API</h1>");
      expect((await at("/login", host)).status).toBe(404);
      expect((await at("/app/login", host)).text).toContain("<h1>Sign in</h1>");
    },
  );
});

describe("webserver.pages", () => {
  it("false: there are none, and no link to them", async () => {
    const off = await testHouston({ webserver: { pages: false }, helm: { baseDomain: "example.com" } });
    for (const path of ["/app/", "/app", "/app/login"]) expect((await send(off.url + path)).status).toBe(404);
    expect((await send(`${off.url}/login`, { headers: { host: "app.example.com" } })).status).toBe(404);
    const home = await send(off.url, { headers: { accept: "text/html" } });
    expect(home.text).toContain("GraphQL Playground");
    expect(home.text).not.toContain("Sign in");
  });

  it("keep /app to themselves: no API can be there or below", () => {
    for (const name of ["endpoint", "alphaEndpoint"]) {
      for (const path of ["/app", "/app/", "/app/v1"]) {
        const problem = `webserver.${name}: must not be /app or below it`;
        expect(() => configFrom({ webserver: { [name]: path } }), path).toThrow(problem);
        expect(configFrom({ webserver: { [name]: path, pages: false } })).toBeDefined();
      }
      expect(configFrom({ webserver: { [name]: "/apps" } })).toBeDefined();
    }
  });
});
