import bcrypt from "bcrypt";
import { expect, it } from "vitest";
import { load, type Traffic } from "../../bench/load.ts";
import { onWire } from "../../bench/requests.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { type MeasuredHouston, measuredHouston } from "../support/measuredHouston.ts";
import { shortened } from "../support/shortened.ts";

const SECONDS = shortened(15, 4);
const SIGN_INS = 20;
const USERS = 50;
/** With the 64 connections of the others, fewer than the 100 requests that Houston never refuses. */
const STORM = 30;
const PASSWORD = "correct horse";

/** Houston while `use` runs, for any number of attempts from one address. */
async function withHouston(env: Record<string, string>, use: (houston: MeasuredHouston) => Promise<void>) {
  const houston = await measuredHouston({ AUTH__LOCAL__LIMITS__ATTEMPTS_PER_ADDRESS: "1000000", ...env });
  await use(houston).finally(() => houston.stop());
}

const post = (query: string, variables: object, headers: Record<string, string> = {}) =>
  onWire({
    ...{ method: "POST", path: "/v1", headers: { "content-type": "application/json", ...headers } },
    body: JSON.stringify({ query, variables }),
  });

/** The sign-ins of new users with a role in the Workspace. */
async function signInsTo({ build }: MeasuredHouston, workspaceId: string): Promise<Traffic> {
  const passwordHash = await bcrypt.hash(PASSWORD, 10);
  const emails: string[] = [];
  for (let n = 0; n < USERS; n += 1) {
    const roles = [{ role: "WORKSPACE_VIEWER" as const, workspaceId }];
    emails.push((await build.user({ roles, localCredential: { create: { passwordHash } } })).email);
  }
  const document =
    "mutation ($identity: String, $password: String!) { createToken(identity: $identity, password: $password) { token { value } } }";
  return { first: (n) => post(document, { identity: emails[n % USERS], password: PASSWORD }) };
}

/** Sends `others` first alone, then beside the sign-ins, and compares how long they take. */
async function compare(
  name: string,
  port: number,
  { signIns, others, connections, rate }: { signIns: Traffic; others: Traffic; connections: number; rate?: number },
) {
  const run = (seconds: number) => load(port, others, { connections, seconds, ...(rate && { rate }) });
  await run(5);
  const base = await run(SECONDS);
  const [during, storm] = await Promise.all([
    run(SECONDS),
    load(port, signIns, { connections: STORM, seconds: SECONDS, rate: SIGN_INS }),
  ]);
  const p99 = ({ latencies }: typeof base) => percentile(latencies, 0.99);
  figures(name, {
    "sign-ins/s": storm.count / storm.seconds,
    "sign-in p99 ms": p99(storm),
    "others/s": during.count / during.seconds,
    "others' p99 before ms": p99(base),
    "others' p99 ms": p99(during),
    "times base": p99(during) / p99(base),
  });
  expect([base.failure, during.failure, storm.failure]).toEqual([undefined, undefined, undefined]);
  inTime(p99(during), 3 * p99(base));
}

it("L4: twenty sign-ins a second hold nobody else up", { timeout: 180_000 }, () =>
  withHouston({}, async (houston) => {
    const { workspace, admin } = await houston.build.workspace();
    // Compression and hashing share threads.
    const headers = { authorization: admin.token, "accept-encoding": "gzip" };
    const [fast, slow] = [
      post("{ workspaces { id label users { id username } } }", {}, headers),
      post("{ workspaces { id label users { id } } self { user { id } } }", {}, headers),
    ];
    await compare("L4", Number(new URL(houston.url).port), {
      signIns: await signInsTo(houston, workspace.id),
      // One path through a single statement, one through Apollo.
      others: { first: (n) => (n % 2 === 0 ? fast : slow) },
      ...{ connections: 10, rate: 50 },
    });
  }),
);

it.each(["0", "5000"])("L4: nor pages of Airflow, with answers remembered for %s ms", { timeout: 180_000 }, (cache) =>
  withHouston({ AIRFLOW_ACCESS__CACHE_DURATION: cache, HELM__BASE_DOMAIN: "example.com" }, async (houston) => {
    const { deployment, admin } = await houston.build.deployment();
    const page = onWire({
      ...{ method: "GET", path: "/v1/authorization" },
      headers: {
        authorization: `Bearer ${admin.token}`,
        "x-original-url": `https://deployments.example.com/${deployment.releaseName}/airflow/static/app.js`,
      },
    });
    await compare(`L4 (Airflow, ${cache} ms)`, Number(new URL(houston.url).port), {
      signIns: await signInsTo(houston, deployment.workspaceId),
      others: { first: () => page },
      // As many as it can answer, as the benchmark A1.
      connections: 64,
    });
  }),
);
