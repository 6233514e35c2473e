import { X509Certificate } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { url, build, app } = await testHouston();

interface Answer {
  token: string;
  access_token: string;
  expires_in: number;
  issued_at: string;
}

const basic = (password: string, name = "_") => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

const ask = (query: string, authorization?: string) =>
  fetch(`${url}/v1/registry/authorization?service=docker-registry${query}`, {
    headers: authorization === undefined ? {} : { authorization },
  });

/** The claims of the token, verified as a registry does: by its certificate, against that of the authority. */
async function claimsOf(response: Response) {
  expect(response.status).toBe(200);
  const { token, access_token, expires_in, issued_at } = (await response.json()) as Answer;
  expect(access_token).toBe(token);
  expect(expires_in).toBe(300);
  expect(Math.abs(Date.parse(issued_at) - Date.now())).toBeLessThan(60_000);
  const header = jsonwebtoken.decode(token, { complete: true })?.header as { x5c: string[] } | undefined;
  const certificate = new X509Certificate(Buffer.from(header?.x5c[0] ?? "", "base64"));
  const authority = new X509Certificate(await app.services.signingKeys.authority());
  expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  return jsonwebtoken.verify(token, certificate.publicKey, { algorithms: ["RS256"], issuer: "houston" }) as {
    [claim: string]: unknown;
  };
}

const accessOf = async (response: Response) => (await claimsOf(response)).access;

describe("GET /v1/registry/authorization", () => {
  it("gives an editor what they ask for, and a viewer to pull only", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const name = `${deployment.releaseName}/airflow`;
    const scope = `&scope=repository:${name}:pull,push`;
    const claims = await claimsOf(await ask(scope, basic(editor.token)));
    expect(claims).toMatchObject({ sub: `user:${editor.id}`, aud: "docker-registry" });
    expect(claims.access).toEqual([{ type: "repository", name, actions: ["pull", "push"] }]);
    expect(await accessOf(await ask(scope, basic(viewer.token)))).toEqual([
      { type: "repository", name, actions: ["pull"] },
    ]);
  });

  it("takes an API key, whatever the user name, and a bearer token", async () => {
    const { deployment } = await build.deployment();
    const key = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
    const scope = `&scope=repository:${deployment.releaseName}/airflow:push`;
    for (const authorization of [basic(key.token), basic(key.token, "ci@example.com"), `Bearer ${key.token}`]) {
      const claims = await claimsOf(await ask(scope, authorization));
      expect(claims).toMatchObject({ sub: `serviceAccount:${key.id}`, access: [{ actions: ["push"] }] });
    }
  });

  it("answers with nothing, and no error, where the caller may nothing", async () => {
    const [{ deployment }, other] = [await build.deployment(), await build.deployment()];
    const release = deployment.releaseName;
    for (const scope of [
      `repository:${release}/airflow:pull,push`,
      `repository:${other.deployment.releaseName}/airflow:delete,*`,
      `repository:${other.deployment.releaseName}:pull`,
      "repository:unknown-1234/airflow:pull",
      "registry:catalog:*",
      "nonsense",
      "repository:::",
      ":",
      "",
    ]) {
      expect(await accessOf(await ask(`&scope=${scope}`, basic(other.admin.token))), scope).toEqual([]);
    }
  });

  it("takes no scope, many scopes, spaces between scopes, classes and ports", async () => {
    const { deployment, admin } = await build.deployment();
    const name = `${deployment.releaseName}/airflow`;
    const authorization = basic(admin.token);
    const pull = { type: "repository", name, actions: ["pull"] };
    expect(await accessOf(await ask("", authorization))).toEqual([]);
    const several = `&scope=repository:${name}:pull&scope=repository:x/y:pull&scope=repository:${name}:push`;
    expect(await accessOf(await ask(several, authorization))).toEqual([pull, { ...pull, actions: ["push"] }]);
    expect(await accessOf(await ask(`&scope=repository(plugin):${name}:pull%20a:b:c`, authorization))).toEqual([pull]);
    expect(await accessOf(await ask(`&scope=repository:host:5000/${name}:pull`, authorization))).toEqual([]);
  });

  it("gives everyone who signs in the base images, and system admins to push them", async () => {
    const { viewer } = await build.deployment();
    const scope = "&scope=repository:base-images/airflow:pull,push";
    expect(await accessOf(await ask(scope, basic(viewer.token)))).toMatchObject([{ actions: ["pull"] }]);
    const admin = await build.systemAdmin();
    expect(await accessOf(await ask(scope, basic(admin.token)))).toMatchObject([{ actions: ["pull", "push"] }]);
    expect(await claimsOf(await ask(scope))).toMatchObject({ sub: "", access: [] });
  });

  it("answers 401 to bad credentials, and 404 to POST", async () => {
    for (const authorization of [
      basic("nonsense"),
      "Bearer x",
      basic("hou_00000000000000000000000000000000_00000000"),
    ]) {
      const response = await ask("&scope=repository:a/b:pull", authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Basic realm="houston"');
    }
    const body = new URLSearchParams({ grant_type: "password" });
    expect((await fetch(`${url}/v1/registry/authorization`, { method: "POST", body })).status).toBe(404);
  });
});
