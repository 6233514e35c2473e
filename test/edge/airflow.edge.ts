import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import jsonwebtoken from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signToken } from "../../src/access/jwt.ts";
import { AIRFLOW_COOKIE } from "../../src/api/edge/edgeCredential.ts";
import { type AirflowVersion, installAirflows, startAirflow } from "../support/airflow.ts";
import { testHouston } from "../support/houston.ts";
import { startNginx } from "../support/nginx.ts";

/** The shortest that the setting allows, in milliseconds. */
const LIFE = 60_000;

const { url, build, db, config } = await testHouston({
  helm: { baseDomain: "example.com" },
  airflowAccess: { tokenDuration: LIFE },
});

let installed: string;
beforeAll(async () => {
  installed = await installAirflows();
}, 1_200_000);

interface Answer {
  status: number;
  location: string | undefined;
  type: string | undefined;
  text: string;
}

/** Sends a request to `base` with any headers, also `host`, which fetch does not let a caller choose. */
const send = (base: string, path: string, { headers = {}, body, ...given }: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const method = given.method ?? (body === undefined ? "GET" : "POST");
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const sent = request(`${base}${path}`, { method, headers: { ...type, ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const { location, "content-type": answered } = response.headers;
        resolve({ status: response.statusCode ?? 0, location, type: answered, text });
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });

type Asked = { method?: string; headers?: Record<string, string>; body?: unknown };

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What differs between the versions. */
const APIS = {
  "3.3": { api: "/api/v2", page: "/", run: { logical_date: null }, unpermitted: 401 },
  "2.11": { api: "/api/v1", page: "/home", run: {}, unpermitted: 403 },
};

describe.each(["3.3", "2.11"] as AirflowVersion[])("Airflow %s behind nginx", { timeout: 180_000 }, (version) => {
  const { api, page, run, unpermitted } = APIS[version];
  const runs = `${api}/dags/example/dagRuns`;
  let built: Awaited<ReturnType<typeof build.deployment>>;
  let airflow: Awaited<ReturnType<typeof startAirflow>>;
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let host: string;

  beforeAll(async () => {
    built = await build.deployment();
    host = `${built.deployment.releaseName}-airflow.example.com`;
    airflow = await startAirflow(version, { installed, houston: url, audience: host });
    nginx = await startNginx({ houston: url, upstream: airflow.url });
    // It may take a while until Airflow has read the keys for the first time.
    const look = async () =>
      expect((await ask(`${api}/dags`, { headers: bearer(built.viewer.token) })).status).toBe(200);
    await vi.waitFor(look, { timeout: 60_000, interval: 500 });
  }, 600_000);
  afterAll(async () => {
    await nginx?.stop();
    await airflow?.stop();
  }, 60_000);

  /** What a client of the ingress gets. */
  const ask = (path: string, asked: Asked = {}) =>
    send(nginx.url, path, { ...asked, headers: { host, ...asked.headers } });
  const trigger = (token: string, headers = {}) => ask(runs, { headers: { ...bearer(token), ...headers }, body: run });

  /** The token that the ingress hands on, which only Airflow sees. */
  async function handedOn(token: string, release = built.deployment.releaseName): Promise<string> {
    const headers = { ...bearer(token), "x-original-url": `https://${release}-airflow.example.com/` };
    const response = await fetch(`${url}/v1/authorization`, { headers });
    return response.headers.get("authorization")?.replace("Bearer ", "") ?? "";
  }

  it("lets an Admin and a User trigger a DAG, and a Viewer look at it only", async () => {
    const { admin, editor, viewer } = built;
    expect(await trigger(viewer.token)).toMatchObject({ status: 403 });
    expect(await trigger(admin.token)).toMatchObject({ status: 200 });
    expect(await trigger(editor.token)).toMatchObject({ status: 200 });
    const seen = await ask(runs, { headers: bearer(viewer.token) });
    expect([seen.status, JSON.parse(seen.text).total_entries]).toEqual([200, 2]);
    expect((await ask(`${api}/variables`, { headers: bearer(viewer.token) })).status).toBe(403);
    expect((await ask(`${api}/variables`, { headers: bearer(admin.token) })).status).toBe(200);
  });

  it("shows its page to a Viewer who has signed in with a browser", async () => {
    const { viewer } = built;
    const session = await db.session.create({
      data: { userId: viewer.id, expiresAt: new Date(Date.now() + 600_000) },
    });
    const { value } = signToken(config, viewer.id, session.id, new Date(), session.expiresAt, "airflow");
    const headers = { cookie: `${AIRFLOW_COOKIE}=${value}`, accept: "text/html" };
    const shown = await ask(page, { headers });
    expect(shown).toMatchObject({ status: 200, type: expect.stringContaining("text/html") });
    const assets = [...shown.text.matchAll(/(?:src|href)="((?:\.\/|\/)?static\/[^"]+)"/g)].map(([, path]) => path);
    expect(assets.length).toBeGreaterThan(0);
    for (const asset of assets) {
      expect((await ask(`/${asset?.replace(/^\.?\//, "")}`, { headers })).status, asset).toBe(200);
    }
    expect((await ask(`${api}/dags`, { headers })).status).toBe(200);
    await db.session.delete({ where: { id: session.id } });
    await expect.poll(async () => (await ask(page, { headers })).status).toBe(302);
  });

  it("takes an API key for the REST API, in the name of the service account", async () => {
    const key = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: built.deployment.id });
    const triggered = await trigger(key.token);
    expect(triggered.status).toBe(200);
    if (version === "3.3") {
      expect(JSON.parse(triggered.text).triggering_user_name).toBe(`service-account-${key.id}`);
    }
    const basic = `Basic ${Buffer.from(`_:${key.token}`).toString("base64")}`;
    expect((await ask(`${api}/dags`, { headers: { authorization: basic } })).status).toBe(200);
    expect((await ask(`${api}/variables`, { headers: bearer(key.token) })).status).toBe(403);
    await db.serviceAccount.update({ where: { id: key.id }, data: { active: false } });
    await expect.poll(async () => (await ask(`${api}/dags`, { headers: bearer(key.token) })).status).toBe(302);
  });

  it("sends everybody else to the sign-in page", async () => {
    const { admin } = built;
    const internal = await handedOn(admin.token);
    const forged = jsonwebtoken.sign(jsonwebtoken.decode(internal) as object, "x".repeat(64), { algorithm: "HS512" });
    for (const headers of [{}, bearer("x"), bearer(internal), bearer(forged), { cookie: `${AIRFLOW_COOKIE}=x` }]) {
      for (const path of [page, `${api}/dags`]) {
        const answer = await ask(path, { headers: headers as Record<string, string> });
        expect(answer).toMatchObject({
          status: 302,
          location: `https://app.example.com/login?rd=https://${host}${path}`,
        });
      }
    }
    const { outsider } = await build.workspace();
    expect((await ask(page, { headers: bearer(outsider.token) })).status).toBe(403);
  });

  it("believes no header that a client sends", async () => {
    const { admin, viewer } = built;
    const internal = await handedOn(admin.token);
    const spoofed = {
      ...{ username: admin.username, email: admin.email, "x-remote-user": admin.username },
      ...{ remote_user: admin.username, "x-forwarded-user": admin.username },
      ...{ "x-original-url": `https://${host}/`, cookie: `_token=${internal}; session=x; remember_token=x` },
    };
    expect((await trigger(viewer.token, spoofed)).status).toBe(403);
    expect((await ask(page, { headers: spoofed })).status).toBe(302);
    const twice = await ask(runs, {
      headers: { ...bearer(viewer.token), Authorization: `Bearer ${internal}` },
      body: run,
    });
    expect([302, 400, 403]).toContain(twice.status);
  });

  it("takes only the tokens for this Deployment, also from those who reach it without the ingress", async () => {
    const other = await build.deployment();
    const scope = `repository:${built.deployment.releaseName}/airflow:push`;
    const ofRegistry = await fetch(`${url}/v1/registry/authorization?scope=${scope}`, {
      headers: bearer(built.admin.token),
    });
    const straight = (headers: Record<string, string>, path = `${api}/dags`) => send(airflow.url, path, { headers });
    expect((await straight(bearer(await handedOn(built.viewer.token)))).status).toBe(200);
    expect((await straight({})).status).toBe(unpermitted);
    for (const token of [
      await handedOn(other.admin.token, other.deployment.releaseName),
      built.admin.token,
      ((await ofRegistry.json()) as { token: string }).token,
      jsonwebtoken.sign(jsonwebtoken.decode(await handedOn(built.admin.token)) as object, "x".repeat(64)),
    ]) {
      expect((await straight(bearer(token))).status).toBe(403);
    }
    const tasks = "/execution/variables/any";
    if (version === "3.3") expect((await straight(bearer(await handedOn(built.admin.token)), tasks)).status).toBe(403);
  });

  it.runIf(version === "3.3")("exchanges the token for one of Airflow that lives no longer", async () => {
    const { editor } = built;
    const exchanged = await ask("/auth/token", { headers: bearer(editor.token), method: "POST" });
    expect(exchanged.status).toBe(201);
    const { access_token: token, expires_in: seconds } = JSON.parse(exchanged.text);
    expect(seconds).toBeLessThanOrEqual(LIFE / 1_000);
    const { exp = 0 } = jsonwebtoken.decode(token) as jsonwebtoken.JwtPayload;
    expect(exp * 1_000).toBeLessThanOrEqual(Date.now() + LIFE);
    const triggered = await send(airflow.url, runs, { headers: bearer(token), body: run });
    expect([triggered.status, JSON.parse(triggered.text).triggering_user_name]).toEqual([200, editor.username]);
    expect((await send(airflow.url, `${api}/variables`, { headers: bearer(token) })).status).toBe(403);
  });

  it.runIf(version === "3.3")("sends browsers to sign in and out at Houston", async () => {
    const login = await send(airflow.url, "/api/v2/auth/login?next=/dags");
    expect(login.status).toBe(307);
    const path = login.location?.replace(/^https?:\/\/[^/]+/, "") ?? "";
    const there = `https://app.example.com/login?rd=${encodeURIComponent(`https://${host}/dags`)}`;
    expect((await send(airflow.url, path)).location).toBe(there);
    const logout = await ask("/api/v2/auth/logout", { headers: bearer(built.viewer.token) });
    expect(logout.location).toBe("https://app.example.com/sign-out");
  });

  it("counts a removed role with the next request, and everywhere within the token's life", async () => {
    const { deployment } = built;
    const roles = [{ role: "DEPLOYMENT_ADMIN" as const, deploymentId: deployment.id }];
    const someone = await build.user({ roles });
    expect((await trigger(someone.token)).status).toBe(200);
    const before = await handedOn(someone.token);
    const binding = await db.roleBinding.findFirstOrThrow({ where: { userId: someone.id } });
    await db.roleBinding.update({ where: { id: binding.id }, data: { role: "DEPLOYMENT_VIEWER" } });
    await expect.poll(async () => (await trigger(someone.token)).status).toBe(403);
    expect((await ask(`${api}/dags`, { headers: bearer(someone.token) })).status).toBe(200);
    await db.roleBinding.delete({ where: { id: binding.id } });
    await expect.poll(async () => (await ask(page, { headers: bearer(someone.token) })).status).toBe(403);
    // An ingress that caches answers would hand on the token from before.
    const { exp = 0, iat = 0 } = jsonwebtoken.decode(before) as jsonwebtoken.JwtPayload;
    expect(exp - iat).toBe(LIFE / 1_000);
    await sleep(exp * 1_000 - Date.now() + 1_000);
    const late = await send(airflow.url, runs, { headers: bearer(before), body: run });
    expect(late.status).toBe(unpermitted);
  });
});
