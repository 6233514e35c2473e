import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { identityProvider } from "../support/identityProvider.ts";
import { send } from "../support/pagesClient.ts";

const CALLBACK = "https://app.example.com/v1/oauth/callback";
const idp = await identityProvider({ redirectUris: [CALLBACK] });
const { clientId, clientSecret, issuer: discoveryUrl } = idp;
const houston = await testHouston({
  helm: { baseDomain: "example.com" },
  auth: { openidConnect: { custom: { enabled: true, clientId, clientSecret, discoveryUrl } } },
});
const start = (host: string, more = "") =>
  send(`${houston.url}/v1/oauth/login?provider=custom&redirect=token${more}`, { headers: { host } });

describe("T25: the cookie of a sign-in that waits for the provider", () => {
  it("is for the host of the pages, for https and not for scripts, and ends after 10 minutes", async () => {
    const answer = await start("app.example.com");
    expect(answer.status).toBe(303);
    const cookies = answer.headers.getSetCookie().filter((line) => line.includes("sign_on"));
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-houston_sign_on=v1\.[\w-]+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const sent = new URL(answer.headers.get("location") ?? "");
    const verifier = houston.app.services.secrets.open(
      /sign_on=([^;]+)/.exec(cookies[0] ?? "")?.[1] ?? "",
      "pending sign-on",
    );
    expect(cookies[0]).not.toContain(sent.searchParams.get("state"));
    expect(JSON.parse(verifier)).toMatchObject({ provider: "custom", state: sent.searchParams.get("state") });
  });

  it("is set there only: other hosts lead to it, and a Host header changes no address", async () => {
    const moved = await start("houston.example.com");
    expect(moved.headers.get("location")).toBe(
      "https://app.example.com/v1/oauth/login?provider=custom&redirect=token&moved=1",
    );
    expect(moved.headers.getSetCookie().join()).not.toContain("sign_on");
    const evil = await start("evil.example.net", "&moved=1");
    expect(new URL(evil.headers.get("location") ?? "").searchParams.get("redirect_uri")).toBe(CALLBACK);
  });

  it("is no credential of the API, and other sites get no answer that they can read", async () => {
    const headers = { host: "app.example.com", origin: "https://evil.example.net" };
    const answer = await send(`${houston.url}/v1/oauth/login?provider=custom`, { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const cookie =
      answer.headers
        .getSetCookie()
        .find((line) => line.includes("sign_on"))
        ?.split(";", 1)[0] ?? "";
    const account = await send(`${houston.url}/account`, { headers: { host: "app.example.com", cookie } });
    expect(account.headers.get("location")).toBe("login?rd=account");
  });
});
