import { createPublicKey, randomBytes } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, it } from "vitest";
import { signToken } from "../../src/access/jwt.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { rawHttp } from "../support/rawHttp.ts";

const { url, build, db, config } = await testHouston({ helm: { baseDomain: "example.com" } });

type Headers = Record<string, string>;

const ask = (headers: Headers, init: RequestInit = {}) =>
  fetch(`${url}/v1/authorization`, { ...init, headers, redirect: "manual" });

const urlOf = (releaseName: string) => `https://deployments.example.com/${releaseName}/airflow/home?tab=1,2`;

const askFor = (releaseName: string, headers: Headers = {}) =>
  ask({ "x-original-url": urlOf(releaseName), "x-original-method": "GET", ...headers });

interface Jwks {
  keys: { kid: string; n: string; e: string; kty: string; alg: string }[];
  kid: string;
  kty: string;
}

const jwks = async () => (await (await fetch(`${url}/v1/.well-known/jwks.json`)).json()) as Jwks;

/** What Airflow reads: the claims of the token, verified with the published key that it names. */
async function claimsOf(response: Response, audience: string) {
  expect(response.status).toBe(200);
  const token = /^Bearer (\S+)$/.exec(response.headers.get("authorization") ?? "")?.[1] ?? "";
  const kid = jsonwebtoken.decode(token, { complete: true })?.header.kid;
  const key = (await jwks()).keys.find((one) => one.kid === kid);
  const options = { algorithms: ["RS256"], issuer: "houston", audience } as const;
  const publicKey = createPublicKey({ key: { ...key }, format: "jwk" });
  return jsonwebtoken.verify(token, publicKey, { ...options, algorithms: ["RS256"] }) as jsonwebtoken.JwtPayload;
}

describe("GET /v1/authorization", () => {
  it("tells Airflow who is visiting, and with which of its roles", async () => {
    const { deployment, admin, editor, viewer, home } = await build.deployment();
    const audience = `${deployment.releaseName}-airflow.example.com`;
    for (const [someone, role] of [
      [admin, "Admin"],
      [editor, "User"],
      [viewer, "Viewer"],
      [home?.admin, "Admin"],
      [await build.systemAdmin(), "Admin"],
    ] as const) {
      const response = await askFor(deployment.releaseName, { authorization: `Bearer ${someone?.token}` });
      const claims = await claimsOf(response, audience);
      expect(claims).toMatchObject({ sub: someone?.username, email: someone?.email, full_name: "Test Person" });
      expect(claims.roles).toEqual([role]);
      expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
      expect(response.headers.get("username")).toBe(someone?.username);
      expect(response.headers.get("email")).toBe(someone?.email);
      expect(await response.text()).toBe("");
    }
  });

  it("takes an API key, also as the password of Basic", async () => {
    const { deployment } = await build.deployment();
    const { token, id } = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
    const basic = `Basic ${Buffer.from(`_:${token}`).toString("base64")}`;
    for (const authorization of [token, `Bearer ${token}`, basic]) {
      const response = await askFor(deployment.releaseName, { authorization });
      const claims = await claimsOf(response, `${deployment.releaseName}-airflow.example.com`);
      expect(claims).toMatchObject({ sub: `service-account-${id}`, roles: ["User"] });
    }
  });

  it("takes the cookie of Airflow's hosts, which opens nothing else", async () => {
    const { deployment, viewer } = await build.deployment();
    const session = await db.session.create({
      data: { userId: viewer.id, expiresAt: new Date(Date.now() + 60_000) },
    });
    const sign = (type: "access" | "airflow") =>
      signToken(config, viewer.id, session.id, new Date(), session.expiresAt, type).value;
    const cookie = (value: string) => ({ cookie: `a=1; houston_airflow=${value}; b` });
    expect((await askFor(deployment.releaseName, cookie(sign("airflow")))).status).toBe(200);
    expect((await askFor(deployment.releaseName, cookie(sign("access")))).status).toBe(401);
    expect((await askFor(deployment.releaseName, { authorization: sign("airflow") })).status).toBe(401);
    const self = { query: "{ self { user { id } } }" };
    const api = await fetch(`${url}/v1`, {
      method: "POST",
      headers: { authorization: sign("airflow"), "content-type": "application/json" },
      body: JSON.stringify(self),
    });
    expect(await api.text()).toContain("UNAUTHENTICATED");
    await db.session.delete({ where: { id: session.id } });
    expect((await askFor(deployment.releaseName, cookie(sign("airflow")))).status).toBe(401);
  });

  it("answers 401 with one challenge without a valid credential", async () => {
    const { deployment } = await build.deployment();
    for (const headers of [
      {},
      { authorization: "Bearer nonsense" },
      { authorization: "Basic Og==" },
      { cookie: "x" },
    ]) {
      const response = await askFor(deployment.releaseName, headers);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="houston"');
    }
  });

  it("answers 403 to callers without a role there, and for URLs that lead nowhere", async () => {
    const [{ deployment, home }, other] = [await build.deployment(), await build.deployment()];
    const authorization = `Bearer ${other.admin.token}`;
    expect((await askFor(deployment.releaseName, { authorization })).status).toBe(403);
    expect((await askFor(deployment.releaseName, { authorization: `${home?.outsider.token}` })).status).toBe(403);
    const own = other.deployment.releaseName;
    for (const asked of [
      undefined,
      "",
      "nonsense",
      "https://example.com/",
      `https://deployments.example.org/${own}/airflow`,
      "https://deployments.example.com/",
      "https://deployments.example.com/unknown-1234/airflow",
      `https://deployments.example.com/x/../${own}/airflow`,
      `https://deployments.example.com/%2e%2e/${own}/airflow`,
      `https://deployments.example.com//${own}/airflow`,
      `https://deployments.example.com@evil.org/${own}`,
      `https://user:pw@deployments.example.com/${own}`,
    ]) {
      const response = await ask({ authorization, ...(asked === undefined ? {} : { "x-original-url": asked }) });
      expect(response.status, asked).toBe(403);
    }
  });

  it("finds the Deployment by its own host, and as Traefik and Envoy name it", async () => {
    const { deployment, viewer } = await build.deployment();
    const name = deployment.releaseName;
    const authorization = viewer.token;
    for (const asked of [
      `https://${name}-airflow.example.com/`,
      `https://${name}-flower.example.com/x`,
      `http://${name}-airflow.example.com:8443/a/../b`,
    ]) {
      expect((await ask({ authorization, "x-original-url": asked })).status, asked).toBe(200);
    }
    const forwarded = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "deployments.example.com",
      "x-forwarded-uri": `/${name}/airflow/home?tab=1,2`,
    };
    expect((await ask({ authorization, ...forwarded })).status).toBe(200);
    expect((await ask({ authorization, ...forwarded, "x-original-url": urlOf(name) })).status).toBe(200);
    const other = await build.deployment();
    const mixed = { authorization, ...forwarded, "x-original-url": urlOf(other.deployment.releaseName) };
    expect((await ask(mixed)).status).toBe(403);
    expect((await ask({ ...mixed, authorization: other.admin.token })).status).toBe(403);
  });

  it("opens an Airflow on the domain of its own cluster only, for each cluster", async () => {
    const clusterAt = (baseDomain: string | null) =>
      db.cluster.create({ data: { name: `at ${baseDomain}`, baseDomain } });
    const admin = await build.systemAdmin();
    const on = async (baseDomain: string | null) => {
      const { deployment } = await build.deployment({ clusterId: (await clusterAt(baseDomain)).id });
      return deployment.releaseName;
    };
    const { deployment } = await build.deployment();
    const releases = {
      "example.com": [deployment.releaseName, await on(null)],
      "eu.example.com": [await on("eu.example.com")],
      "example.org": [await on("Example.org")],
      "prod-airflow.example.com": [await on("prod-airflow.example.com:8443")],
    };
    const domains = [...Object.keys(releases), "com", "org", "us.example.com", "x.eu.example.com", "example.org."];
    for (const domain of domains) {
      for (const [own, names] of Object.entries(releases)) {
        for (const name of names) {
          for (const asked of [
            `https://deployments.${domain}/${name}/airflow/home`,
            `https://deployments.${domain}:8443/${name}/flower`,
            `https://DEPLOYMENTS.${domain.toUpperCase()}/${name}/airflow`,
            `https://${name}-airflow.${domain}/`,
            `https://${name}-flower.${domain}:8443/x`,
          ]) {
            const { status } = await ask({ authorization: admin.token, "x-original-url": asked });
            expect([asked, status]).toEqual([asked, domain === own ? 200 : 403]);
          }
        }
      }
    }
  });

  it("asks for the same token and the same rights on a cluster with its own domain", async () => {
    const { id: clusterId } = await db.cluster.create({ data: { name: "south", baseDomain: "south.example.com" } });
    const { deployment, viewer, home } = await build.deployment({ clusterId });
    const name = deployment.releaseName;
    const at = { "x-original-url": `https://deployments.south.example.com/${name}/airflow/` };
    // The audience that Airflow is configured with (AIRFLOW__HOUSTON__AUDIENCE).
    const claims = await claimsOf(await ask({ ...at, authorization: viewer.token }), `${name}-airflow.example.com`);
    expect(claims).toMatchObject({ sub: viewer.username, roles: ["Viewer"] });
    expect((await ask({ ...at, authorization: `${home?.outsider.token}` })).status).toBe(403);
    expect((await ask(at)).status).toBe(401);
    const forwarded = { "x-forwarded-host": "deployments.south.example.com", "x-forwarded-uri": `/${name}/airflow` };
    expect((await ask({ ...forwarded, authorization: viewer.token })).status).toBe(200);
    const { statements } = await countStatements(() => ask({ ...at, authorization: viewer.token }));
    expect(statements).toHaveLength(1);
  });

  it.each([
    [
      { helm: { baseDomain: "Platform.Example:8443" } },
      "deployments.platform.example:8443",
      "deployments.example:8443",
    ],
    [{ helm: { baseDomain: "Platform.Example:8443" } }, "deployments.platform.example", "deployments.platform"],
    [{ deployments: { subdomain: "Air.Flows" } }, "air.flows.example.com", "deployments.example.com"],
    [{ deployments: { subdomain: "Air.Flows" } }, "air.flows.example.com", "flows.example.com"],
  ])("opens Airflows at the domain of the settings, without port and case: %j", async (settings, right, wrong) => {
    const there = await testHouston({ helm: { baseDomain: "example.com" }, ...settings });
    const { deployment, viewer } = await there.build.deployment();
    const statusAt = async (host: string) => {
      const asked = `https://${host}/${deployment.releaseName}/airflow`;
      const headers = { authorization: viewer.token, "x-original-url": asked };
      return (await fetch(`${there.url}/v1/authorization`, { headers })).status;
    };
    expect(await statusAt(right)).toBe(200);
    expect(await statusAt(wrong)).toBe(403);
  });

  it("opens the platform's monitoring to those who may see it", async () => {
    const { viewer } = await build.deployment();
    const asked = { "x-original-url": "https://grafana.example.com/d/1" };
    const response = await ask({ authorization: (await build.systemAdmin()).token, ...asked });
    expect([response.status, response.headers.get("authorization")]).toEqual([200, null]);
    expect((await ask({ authorization: viewer.token, ...asked })).status).toBe(403);
  });

  it("opens it on the domain of the platform, and on that of no cluster", async () => {
    await db.cluster.create({ data: { name: "monitored", baseDomain: "north.example.com" } });
    const authorization = (await build.systemAdmin()).token;
    for (const host of [
      "grafana.north.example.com",
      "kibana.example.org",
      "prometheus.x.example.com",
      "alertmanager",
    ]) {
      expect((await ask({ authorization, "x-original-url": `https://${host}/` })).status, host).toBe(403);
    }
    const asked = { authorization, "x-original-url": "https://GRAFANA.Example.com:8443/" };
    expect((await ask(asked)).status).toBe(200);
  });

  it("takes any method and never reads a body", async () => {
    const { deployment, viewer } = await build.deployment();
    const headers = { authorization: viewer.token, "x-original-url": urlOf(deployment.releaseName) };
    for (const method of ["HEAD", "DELETE", "OPTIONS"]) expect((await ask(headers, { method })).status).toBe(200);
    for (const type of ["application/json", "text/plain", "multipart/form-data", "x/y"]) {
      const body = "{".repeat(1_000);
      const response = await ask({ ...headers, "content-type": type }, { method: "POST", body });
      expect(response.status, type).toBe(200);
    }
    // Of a body that never arrives.
    const promised = `x-original-url: ${headers["x-original-url"]}\r\nauthorization: ${viewer.token}\r\ncontent-length: 1000000`;
    const answered = await rawHttp(
      url,
      `POST /v1/authorization HTTP/1.1\r\nhost: a\r\n${promised}\r\nconnection: close\r\n\r\n`,
    );
    expect(answered).toMatch(/^HTTP\/1.1 200 /);
  });

  it("answers 200, 401 or 403 whatever an ingress passes on", async () => {
    const { deployment, viewer } = await build.deployment();
    const about = `x-original-url: ${urlOf(deployment.releaseName)}\r\n`;
    const known = `${about}authorization: ${viewer.token}\r\n`;
    const statusOf = async (headers: string, { method = "GET", at = "" } = {}) => {
      const text = `${method} /v1/authorization${at} HTTP/1.1\r\nhost: a\r\n${headers}connection: close\r\n\r\n`;
      return (await rawHttp(url, text)).split("\r\n", 1)[0]?.split(" ")[1];
    };
    const cookies = (bytes: number) => `cookie: a=${"x".repeat(bytes)}\r\n`;
    for (const [headers, status, given] of [
      [`${known}${cookies(17_000)}`, "200"],
      [`${known}${cookies(110_000)}`, "200"],
      [`${about}${cookies(110_000)}`, "401"],
      [`${about}${cookies(60_000)}`, "401"],
      [`x-original-url: https://x/${"x".repeat(100_000)}\r\n`, "403"],
      [known, "200", { at: `?${"x".repeat(100_000)}` }],
      [known, "403", { at: "/%ff" }],
      [known, "403", { at: `/${"x".repeat(100_000)}` }],
      [known, "403", { method: "PROPFIND", at: "/x" }],
      [`${known}content-encoding: gzip\r\n`, "200", { method: "POST" }],
      [`${known}content-type: ;\r\n`, "403", { method: "POST" }],
      [`${known}expect: a miracle\r\n`, "200"],
      [`${known}upgrade: websocket\r\nconnection: upgrade\r\n`, "200"],
      [`${known}cookie: \x01\r\n`, "403"],
      [`${known}content-length: x\r\n`, "403"],
      // Node refuses a thousand. If it left out the last ones, a client could choose what it is asked about.
      [`${known}${"a: b\r\n".repeat(1_500)}x-forwarded-host: x.example.com\r\nx-forwarded-uri: /\r\n`, "403"],
    ] as const) {
      expect(await statusOf(headers, given), headers.slice(-80)).toBe(status);
    }
  });

  it("finds the Deployment as Envoy asks, by the host and the path after its own", async () => {
    const [{ deployment, viewer }, other] = [await build.deployment(), await build.deployment()];
    const statusOf = async (host: string, path: string, more = "") => {
      const headers = `host: ${host}\r\nauthorization: ${viewer.token}\r\n${more}connection: close\r\n\r\n`;
      const answered = await rawHttp(url, `GET /v1/authorization${path} HTTP/1.1\r\n${headers}`);
      return answered.split("\r\n", 1)[0]?.split(" ")[1];
    };
    const [own, foreign] = [deployment.releaseName, other.deployment.releaseName];
    const shared = "deployments.example.com";
    expect(await statusOf(shared, `/${own}/airflow/home?tab=1,2`)).toBe("200");
    expect(await statusOf(`${own}-airflow.example.com`, "/")).toBe("200");
    expect(await statusOf(shared, `/${foreign}/airflow`)).toBe("403");
    expect(await statusOf(shared, `/${foreign}/../${own}/airflow`)).toBe("403");
    expect(await statusOf(shared, `/${foreign}/airflow`, `x-original-url: ${urlOf(own)}\r\n`)).toBe("403");
    expect(await statusOf("houston.example.com", `/${own}/airflow`)).toBe("403");
  });

  it("counts a lost role and a soft-deleted Deployment at once", async () => {
    const { deployment, viewer } = await build.deployment();
    const { member, team } = await build.team({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] });
    const asMember = { authorization: member.token };
    const audience = `${deployment.releaseName}-airflow.example.com`;
    expect((await claimsOf(await askFor(deployment.releaseName, asMember), audience)).roles).toEqual(["Admin"]);
    await db.teamMember.deleteMany({ where: { teamId: team.id } });
    expect((await askFor(deployment.releaseName, asMember)).status).toBe(403);
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    expect((await askFor(deployment.releaseName, { authorization: viewer.token })).status).toBe(403);
  });

  it.each(["Ü".repeat(100), "中".repeat(254), "a".repeat(254)])(
    "keeps the headers below 3.9 KB, in ASCII, for the longest names (%#)",
    async (username) => {
      const { deployment } = await build.deployment();
      const email = `${randomBytes(32).toString("hex")}@${`${"b".repeat(60)}.`.repeat(2)}${"c".repeat(55)}.example.com`;
      const user = await build.user({
        ...{ email, username, fullName: "\u{1F680}".repeat(5_000) },
        roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }],
      });
      const response = await askFor(deployment.releaseName, { authorization: user.token });
      const claims = await claimsOf(response, `${deployment.releaseName}-airflow.example.com`);
      expect(claims).toMatchObject({ sub: username, email });
      const encoded = encodeURIComponent(username);
      expect(response.headers.get("username")).toBe(encoded.length > 600 ? user.id : encoded);
      const lines = ["authorization", "username", "email"].map((name) => `${name}: ${response.headers.get(name)}\r\n`);
      expect(lines.join("").length).toBeLessThan(3_900);
    },
  );
});

describe("GET /v1/.well-known/jwks.json", () => {
  it("is a key set and, at its top level, a single key", async () => {
    const answer = await jwks();
    expect(answer.keys).toHaveLength(1);
    expect(answer).toMatchObject({ ...answer.keys[0], kty: "RSA", alg: "RS256" });
    expect(JSON.stringify(answer)).not.toMatch(/"[dpq]i?":/);
  });
});
