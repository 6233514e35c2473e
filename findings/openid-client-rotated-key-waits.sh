#!/usr/bin/env bash
# A provider begins to sign with a new key, which its JWKS lists already. openid-client fetches the JWKS again for an unknown
# key only if the last fetch was 60 seconds ago or more: sign-ins of the new key fail until then.
#
# Versions: openid-client 6.9.0, jose 6.1.0, Node 20 or newer.
# Expected: the keys are fetched again for an unknown one (OpenID Connect Core 1.0, section 10.1.1), and the sign-in works.
# Seen: "no applicable keys found" with the same Configuration; a new Configuration takes a token of the same key at once.
# Remedy: a Configuration for each sign-in, and our own cache of the documents (src/services/signOn/providerDocuments.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund openid-client@6.9.0 jose@6.1.0
cat > try.mjs <<'JS'
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as client from "openid-client";

const newKey = async (kid) => ({ kid, ...(await generateKeyPair("RS256")) });
const keys = [await newKey("old")];
let fetches = 0;
const server = createServer(async (request, response) => {
  const send = (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  if (request.url === "/jwks") {
    fetches += 1;
    return send({ keys: await Promise.all(keys.map(async (key) => ({ ...(await exportJWK(key.publicKey)), kid: key.kid, alg: "RS256" }))) });
  }
  if (request.url === "/token") {
    const { kid, privateKey } = keys.at(-1);
    const token = new SignJWT({ nonce: "nonce" }).setProtectedHeader({ alg: "RS256", kid }).setSubject("ann");
    const signed = await token.setIssuer(issuer).setAudience("app").setIssuedAt().setExpirationTime("1m").sign(privateKey);
    return send({ access_token: "x", token_type: "Bearer", id_token: signed });
  }
  send({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"] });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

async function connect() {
  const config = await client.discovery(new URL(issuer), "app", "secret", undefined, { execute: [client.allowInsecureRequests] });
  client.enableNonRepudiationChecks(config);
  return config;
}
async function signIn(config) {
  const url = new URL("http://localhost/callback?code=any&state=state");
  const checks = { pkceCodeVerifier: "v".repeat(43), expectedState: "state", expectedNonce: "nonce" };
  try {
    return (await client.authorizationCodeGrant(config, url, checks)).claims().sub;
  } catch (error) {
    return `refused: ${error.cause?.message ?? error.message}`;
  }
}
const first = await connect();
console.log("old key:", await signIn(first));
keys.push(await newKey("new"));
console.log("new key, same Configuration:", await signIn(first));
console.log("new key, new Configuration:", await signIn(await connect()));
console.log("fetches of the keys:", fetches);
server.close();
JS
seen=$(node try.mjs)
echo "$seen"
expected='old key: ann
new key, same Configuration: refused: error when selecting a JWT verification key, no applicable keys found
new key, new Configuration: ann
fetches of the keys: 2'
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
