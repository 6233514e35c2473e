import { pino } from "pino";
import { expect, it } from "vitest";
import { causesOf } from "../../src/api/signOn/causesOf.ts";
import { type Config, configFrom, type DeepPartial } from "../../src/platform/config/config.ts";
import { createSignOn } from "../../src/services/signOn/createSignOn.ts";
import { identityProvider } from "../support/identityProvider.ts";

/** The identity providers of a configuration, and what is logged when they are created. */
function signOnWith(auth: DeepPartial<Config["auth"]>) {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
  return { signOn: createSignOn({ config: configFrom({ auth }), log }), lines };
}

it("warns about settings that are allowed and hardly meant", () => {
  const custom = { enabled: true, clientId: "houston", discoveryUrl: "https://id.example.com" };
  expect(signOnWith({ openidConnect: { custom: { ...custom, clientSecret: "secret" } } }).lines).toEqual([]);
  expect(signOnWith({ openidConnect: { custom } }).lines).toEqual([expect.stringContaining("custom.clientSecret")]);
  const groups = { manageSystemPermissionsViaIdpGroups: { enabled: true } };
  expect(signOnWith({ local: { enabled: false }, openidConnect: groups }).lines).toEqual([
    expect.stringContaining("auth.local.enabled"),
    expect.stringContaining("names no group"),
  ]);
});

it("tells what a provider says about a wrong secret, for the log", async () => {
  const idp = await identityProvider({ redirectUris: ["http://localhost/v1/oauth/callback"] });
  const { clientId, issuer: discoveryUrl } = idp;
  for (const tokenEndpointAuthMethod of ["client_secret_basic", "client_secret_post"] as const) {
    const custom = { enabled: true, clientId, clientSecret: "wrong", discoveryUrl, tokenEndpointAuthMethod };
    const { signOn } = signOnWith({ openidConnect: { custom } });
    const proofs = { state: "s".repeat(43), nonce: "n".repeat(43), codeVerifier: "v".repeat(43) };
    const answer = new URLSearchParams({ code: "any", state: proofs.state, iss: discoveryUrl });
    const refused = await signOn
      .get("custom")
      ?.profile(answer, proofs)
      .catch((error: unknown) => error);
    expect(causesOf(refused as Error).join(" ")).toContain("invalid_client");
  }
});
