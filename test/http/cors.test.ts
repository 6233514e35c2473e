import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { testHouston } from "../support/houston.ts";

const { url, build } = await testHouston({ cors: { allowedOrigins: ["https://tools.example.com"] } });

const paths = ["/v1", "/alpha", "/platform/v1beta1/organizations", "/v1/logout"];

const preflight = (origin: string, path = "/v1") =>
  fetch(`${url}${path}`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

describe("T25: cross-origin requests", () => {
  it.each(["https://tools.example.com", "https://app.localhost"])("are allowed from %s", async (origin) => {
    const { headers } = await preflight(origin);
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-headers")).toContain("authorization");
    expect(headers.get("access-control-allow-methods")).toBe("GET, POST, DELETE");
  });

  it.each(paths)("are not allowed from other origins: %s", async (path) => {
    for (const origin of [
      "https://evil.example.com",
      "https://tools.example.com.evil.example.com",
      "http://tools.example.com",
      "null",
    ]) {
      const answers = [await preflight(origin, path), await fetch(`${url}${path}`, { headers: { origin } })];
      for (const { headers } of answers)
        expect([origin, headers.get("access-control-allow-origin")]).toEqual([origin, null]);
    }
  });
});

describe("T25: cookies", () => {
  it("are never set, at sign-in neither", async () => {
    const sent = (path: string, query: string) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
    const user = 'email: "ada@example.com", password: "correct horse"';
    const answers = [
      await sent("/v1", `mutation { createUser(${user}) { token { value } } }`),
      await sent(
        "/v1",
        `mutation { createToken(identity: "ada@example.com", password: "correct horse") { token { value } } }`,
      ),
      await sent(
        "/alpha",
        `mutation { createToken(username: "ada@example.com", password: "correct horse") { token } }`,
      ),
      ...(await Promise.all(
        ["/", "/v1", "/healthz", "/confirm-email", ...paths].map((path) => fetch(`${url}${path}`)),
      )),
    ];
    for (const { headers } of answers) expect(headers.getSetCookie()).toEqual([]);
  });

  it("sign nobody in: a browser adds them to requests of other sites", async () => {
    const { token } = await build.systemAdmin();
    const names = ["authorization", "token", "session", "astronomer_auth", "houston"];
    const cookie = names.map((name) => `${name}=${token}`).join("; ");
    for (const path of ["/v1", "/alpha"]) {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie },
        body: JSON.stringify({ query: path === "/v1" ? "{ users { id } }" : "{ organizations { id } }" }),
      });
      expect(await response.text()).toContain("UNAUTHENTICATED");
    }
    const workspaces = `${url}/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/workspaces`;
    expect((await fetch(workspaces, { headers: { cookie } })).status).toBe(401);
  });
});
