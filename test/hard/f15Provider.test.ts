import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import jsonwebtoken from "jsonwebtoken";
import { afterAll, beforeAll, expect, it } from "vitest";
import { load } from "../../bench/load.ts";
import { onWire } from "../../bench/requests.ts";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { type MeasuredHouston, measuredHouston } from "../support/measuredHouston.ts";
import { send } from "../support/pagesClient.ts";
import { shortened } from "../support/shortened.ts";

const SECONDS = shortened(12, 5);
const SIGN_INS = 20;
/** Other requests per second. */
const OTHERS = 50;
/** How late the slow provider answers, in milliseconds. */
const SLOW = 30_000;

/** A provider that does as little work as possible, because it shares a CPU with what is measured. */
async function lightProvider(port: number) {
  const newKey = () => ({ id: randomUUID(), ...generateKeyPairSync("ec", { namedCurve: "P-256" }) });
  const issuer = `http://127.0.0.1:${port}`;
  let key = newKey();
  const counts = { keys: 0, metadata: 0, tokens: 0 };
  let delay = 0;
  const answers: Record<string, (body: string) => unknown> = {
    "/.well-known/openid-configuration": () => {
      counts.metadata += 1;
      const endpoints = { authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` };
      const values = { response_types_supported: ["code"], subject_types_supported: ["public"] };
      const algorithms = { id_token_signing_alg_values_supported: ["ES256"] };
      return { issuer, ...endpoints, jwks_uri: `${issuer}/jwks`, ...values, ...algorithms };
    },
    "/jwks": () => {
      counts.keys += 1;
      return { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: key.id, alg: "ES256", use: "sig" }] };
    },
    "/token": (body) => {
      counts.tokens += 1;
      const [sub = "", nonce = ""] = (new URLSearchParams(body).get("code") ?? "").split(" ");
      const claims = { sub, nonce, email: `${sub}@example.com`, email_verified: true };
      const id_token = jsonwebtoken.sign(claims, key.privateKey, {
        ...{ algorithm: "ES256", keyid: key.id, issuer, audience: "houston", expiresIn: 600 },
      });
      return { access_token: "unused", token_type: "bearer", id_token };
    },
  };
  const waiting = new Set<ServerResponse>();
  const start = async () => {
    const server = createServer(async (request, response) => {
      const body = await text(request);
      waiting.add(response);
      response.on("close", () => waiting.delete(response));
      if (delay > 0) await sleep(delay, undefined, { ref: false });
      const answer = answers[request.url ?? ""]?.(body);
      response.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  let server: Awaited<ReturnType<typeof start>> | undefined = await start();
  return {
    issuer,
    counts,
    rotateKeys: () => {
      key = newKey();
    },
    slowDown: (ms: number) => {
      delay = ms;
    },
    async stop() {
      server?.close();
      server?.closeAllConnections();
      server = undefined;
    },
    async start() {
      server = await start();
    },
  };
}

let houston: MeasuredHouston;
let provider: Awaited<ReturnType<typeof lightProvider>>;
let token: string;
beforeAll(async () => {
  provider = await lightProvider(await freePort());
  const custom = "AUTH__OPENID_CONNECT__CUSTOM__";
  houston = await measuredHouston({
    [`${custom}ENABLED`]: "true",
    [`${custom}CLIENT_ID`]: "houston",
    [`${custom}CLIENT_SECRET`]: "secret",
    [`${custom}DISCOVERY_URL`]: provider.issuer,
    [`${custom}EMAIL_DOMAINS`]: '["example.com"]',
  });
  const { admin } = await houston.build.workspace();
  token = admin.token;
}, 120_000);
afterAll(async () => {
  await houston?.stop();
  await provider?.stop();
});

/** What the sign-ins of one phase ended with: "in", a reason, or an HTTP status. */
type Outcomes = Record<string, number>;

async function signIn(n: number): Promise<string> {
  const begun = await send(`${houston.url}/v1/oauth/login?provider=custom&moved=1`);
  const location = new URL(begun.headers.get("location") ?? "", houston.url);
  const [state, nonce] = ["state", "nonce"].map((name) => location.searchParams.get(name));
  if (nonce === null) return location.searchParams.get("refused") ?? `${begun.status}`;
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
  const query = new URLSearchParams({ code: `person${n} ${nonce}`, state: state ?? "" });
  const ended = await send(`${houston.url}/v1/oauth/callback?${query}`, { headers: { cookie } });
  const end = new URL(ended.headers.get("location") ?? "", houston.url);
  return end.searchParams.get("refused") ?? (ended.status === 303 ? "in" : `${ended.status}`);
}

/** Twenty sign-ins a second for some seconds; resolves when all have ended. */
async function signIns(seconds: number): Promise<Outcomes> {
  const all: Promise<string>[] = [];
  for (let n = 0; n < seconds * SIGN_INS; n += 1) {
    all.push(signIn(n % 100));
    await sleep(1_000 / SIGN_INS);
  }
  const outcomes: Outcomes = {};
  for (const outcome of await Promise.all(all)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

it("F15: sign-ins with a provider that is down, slow or has new keys hold nobody else up", {
  timeout: 400_000,
}, async () => {
  const port = Number(new URL(houston.url).port);
  const headers = { "content-type": "application/json", authorization: token };
  const post = (query: string) => onWire({ method: "POST", path: "/v1", headers, body: JSON.stringify({ query }) });
  const [fast, slow] = [post("{ workspaces { id label } }"), post("{ workspaces { id } self { user { id } } }")];
  const others = { first: (n: number) => (n % 2 === 0 ? fast : slow) };
  const run = () => load(port, others, { connections: 10, seconds: SECONDS, rate: OTHERS });
  const p99 = ({ latencies }: { latencies: number[] }) => percentile(latencies, 0.99);
  const phase = async () => {
    const [during, outcomes] = await Promise.all([run(), signIns(SECONDS)]);
    expect(during.failure).toBeUndefined();
    return { p99: p99(during), outcomes };
  };
  const total = SECONDS * SIGN_INS;

  // Everybody signs up, and the code is compiled.
  await Promise.all([run(), signIns(10)]);
  // Twenty sign-ins a second with a good provider are work too.
  const base = await phase();
  expect(base.outcomes).toEqual({ in: total });

  await provider.stop();
  const down = await phase();
  await provider.start();
  expect(down.outcomes).toEqual({ unavailable: total });

  provider.slowDown(SLOW);
  const slowly = await phase();
  provider.slowDown(0);
  expect(slowly.outcomes).toEqual({ unavailable: total });
  // Those who waited have ended, so it works again.
  expect(await signIns(1)).toEqual({ in: SIGN_INS });

  const before = { ...provider.counts };
  const rotations = 3;
  const rotating = phase();
  for (let n = 1; n <= rotations; n += 1) {
    await sleep((SECONDS * 1_000) / (rotations + 1));
    provider.rotateKeys();
  }
  const rotated = await rotating;
  const fetched = provider.counts.keys - before.keys;
  figures("F15", {
    "others' p99 ms, provider up": base.p99,
    "others' p99 ms, down": down.p99,
    "others' p99 ms, slow": slowly.p99,
    "others' p99 ms, new keys": rotated.p99,
    rotations,
    "fetches of keys": fetched,
    "sign-ins with new keys": rotated.outcomes.in ?? 0,
  });
  expect(fetched).toBeLessThanOrEqual(rotations);
  expect(provider.counts.metadata).toBeLessThanOrEqual(1);
  // In the shortened run, keys change as often as they may be fetched.
  inTime(total - (rotated.outcomes.in ?? 0), 0);
  for (const { p99 } of [down, slowly, rotated]) inTime(p99, 2 * base.p99);
});
