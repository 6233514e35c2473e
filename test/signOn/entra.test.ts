import { generateKeyPairSync } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { pino } from "pino";
import { expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import type { Fetch } from "../../src/services/signOn/boundedFetch.ts";
import { createSignOn } from "../../src/services/signOn/createSignOn.ts";

const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
const LOGIN = "https://login.microsoftonline.com";
const [ours, other] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const proofs = { state: "s".repeat(43), nonce: "n".repeat(43), codeVerifier: "v".repeat(43) };

/** What the endpoint for several tenants answers: its metadata names no tenant, and the token that of the account. */
function entra(claims: object): Fetch {
  const answers: Record<string, unknown> = {
    [`${LOGIN}/organizations/v2.0/.well-known/openid-configuration`]: {
      issuer: `${LOGIN}/{tenantid}/v2.0`,
      authorization_endpoint: `${LOGIN}/organizations/oauth2/v2.0/authorize`,
      token_endpoint: `${LOGIN}/organizations/oauth2/v2.0/token`,
      jwks_uri: `${LOGIN}/organizations/discovery/v2.0/keys`,
      id_token_signing_alg_values_supported: ["RS256"],
    },
    [`${LOGIN}/organizations/discovery/v2.0/keys`]: {
      keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: "one", use: "sig" }],
    },
    [`${LOGIN}/organizations/oauth2/v2.0/token`]: {
      access_token: "unused",
      token_type: "Bearer",
      id_token: jsonwebtoken.sign(
        {
          sub: "pairwise",
          oid: "object",
          aud: "houston",
          nonce: proofs.nonce,
          preferred_username: "a@example.com",
          ...claims,
        },
        key.privateKey,
        { algorithm: "RS256", keyid: "one", expiresIn: 600 },
      ),
    },
  };
  return async (url) => new Response(JSON.stringify(answers[url]), { headers: { "content-type": "application/json" } });
}

const config = (discoveryUrl: string) =>
  configFrom({
    auth: {
      openidConnect: {
        microsoft: { enabled: true, clientId: "houston", clientSecret: "secret", discoveryUrl, tenants: [ours] },
      },
    },
  });

it.each([`${LOGIN}/organizations/v2.0`, `${LOGIN}/organizations/v2.0/.well-known/openid-configuration`])(
  "accounts of the listed tenants sign in at %s, each with the issuer of its own tenant",
  async (discoveryUrl) => {
    const profile = (claims: object) => {
      const given = { config: config(discoveryUrl), log: pino({ level: "silent" }) };
      const client = createSignOn(given, { fetch: entra(claims) }).get("microsoft");
      return client?.profile(new URLSearchParams({ code: "code", state: proofs.state }), proofs);
    };
    const issuer = `${LOGIN}/${ours}/v2.0`;
    expect(await profile({ tid: ours, iss: issuer })).toMatchObject({ issuer, subject: `${ours}:object` });
    const stranger = profile({ tid: other, iss: `${LOGIN}/${other}/v2.0` });
    await expect(stranger).rejects.toMatchObject({ reason: "organization" });
    // The issuer of one tenant with the ID of another.
    const mixed = profile({ tid: ours, iss: `${LOGIN}/${other}/v2.0` });
    await expect(mixed).rejects.toMatchObject({ reason: "invalid" });
  },
);
