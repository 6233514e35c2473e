// node bench/scim.ts [--users 100000] [--members 20000] [--sync 10000] [--groups 500] [--seconds 4] [--rounds 3]
//                    [--only G1,G2,G3]
// How fast Houston is as a SCIM server. G1: a PATCH that adds 1,000 members to a group and removes 1,000. G2: finding a user
// by name. G3: a full synchronization as Entra sends it, and the memory meanwhile. G1 and G2 are compared with a server that
// is written for these requests alone (peers/limitScim.mjs), G1 also with scim-patch, which changes the group in memory.
import { parseArgs } from "node:util";
import pg from "pg";
import { pino } from "pino";
import { migrate } from "../src/platform/database/migrate.ts";
import { hashOf } from "../src/platform/secrets/tokens.ts";
import { withTemporaryPostgres } from "../test/support/temporaryPostgres.ts";
import { installMissing } from "./install.ts";
import { load } from "./load.ts";
import { pinOurselves, rssMegabytes } from "./machine.ts";
import { type RunningServer, startServer } from "./servers.ts";
import { slope } from "./slope.ts";
import { withCleanup } from "./withCleanup.ts";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "100000" },
    members: { type: "string", default: "20000" },
    sync: { type: "string", default: "10000" },
    groups: { type: "string", default: "500" },
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "G1,G2,G3" },
  },
});
const size = {
  ...{ users: Number(values.users), members: Number(values.members), sync: Number(values.sync) },
  ...{ groups: Number(values.groups), seconds: Number(values.seconds), rounds: Number(values.rounds) },
};
const only = new Set(values.only.split(","));

/** Members that a PATCH of G1 adds, and as many that it removes. */
const CHANGED = 1_000;

/** PATCHes of one server in a round of G1. */
const PATCHES = 11;

/** Connections of G2, and of G3: Entra sends few requests at a time. */
const CONNECTIONS = 32;
const SYNC_CONNECTIONS = 4;

/** Members that one PATCH of G3 adds. */
const BATCH = 20;

const TOKEN = "houscim_bench";
const GROUP = "benchgroup";
const tell = (line: string) => void process.stderr.write(`${line}\n`);
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const base = ({ port }: RunningServer) => `http://127.0.0.1:${port}/v1/scim/v2/microsoft`;

async function send(server: RunningServer, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${base(server)}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/scim+json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** A System Admin, the token, users of the provider, and a group of the first of them. */
async function seed(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO "ScimToken" (id, provider, "tokenHash", "tokenStart", "createdBy")
    VALUES ('bench', 'microsoft', $1, '', 'user:bench')`,
    [hashOf(TOKEN)],
  );
  await pool.query(
    `INSERT INTO "User" (id, username, "usernameKey", status, "fullName", "updatedAt")
    SELECT 'user' || n, 'user' || n || '@example.com', 'USER' || n || '@EXAMPLE.COM', 'active', 'User ' || n, now()
    FROM generate_series(0, $1::int - 1) AS n`,
    [size.users],
  );
  await pool.query(
    `INSERT INTO "Email" (id, "userId", address, verified, "updatedAt")
    SELECT 'email' || n, 'user' || n, 'user' || n || '@example.com', true, now() FROM generate_series(0, $1::int - 1) AS n`,
    [size.users],
  );
  await pool.query(
    `INSERT INTO "ScimUser" (provider, "userId", "userName", "userNameKey", "externalId", attributes, "updatedAt")
    SELECT 'microsoft', 'user' || n, 'user' || n || '@example.com', 'USER' || n || '@EXAMPLE.COM', 'external' || n,
      jsonb_build_object('displayName', 'User ' || n, 'name', jsonb_build_object('givenName', 'User', 'familyName', n::text),
        'emails', jsonb_build_array(jsonb_build_object('type', 'work', 'value', 'user' || n || '@example.com', 'primary', true))), now()
    FROM generate_series(0, $1::int - 1) AS n`,
    [size.users],
  );
  await pool.query(`INSERT INTO "Team" (id, name, provider, "updatedAt") VALUES ($1, 'Bench', 'microsoft', now())`, [
    GROUP,
  ]);
  await pool.query(
    `INSERT INTO "TeamMember" ("teamId", "userId") SELECT $1, 'user' || n FROM generate_series(0, $2::int - 1) AS n`,
    [GROUP, size.members],
  );
  await pool.query("VACUUM ANALYZE");
}

/** The PATCH that swaps members, and the one that swaps them back. */
function swaps(): [object, object] {
  const ids = (from: number) => Array.from({ length: CHANGED }, (_, n) => ({ value: `user${from + n}` }));
  const [inside, outside] = [ids(0), ids(size.members)];
  const patch = (add: object[], remove: object[]) => ({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [
      { op: "Add", path: "members", value: add },
      { op: "Remove", path: "members", value: remove },
    ],
  });
  return [patch(outside, inside), patch(inside, outside)];
}

async function timePatches(server: RunningServer): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < PATCHES * 2; n += 1) {
    const begun = performance.now();
    await send(server, "PATCH", `/Groups/${GROUP}`, swaps()[n % 2]);
    times.push(performance.now() - begun);
  }
  return median(times);
}

/** The time of the library alone, which has the group in memory already and stores nothing. */
async function timeLibrary(): Promise<number> {
  // Installed with the bench only.
  const name = "scim-patch";
  const { scimPatch } = await import(name);
  const members = Array.from({ length: size.members }, (_, n) => ({ value: `user${n}` }));
  const group = { schemas: [], id: GROUP, displayName: "Bench", members, meta: {} };
  const begun = performance.now();
  const after = scimPatch(group, (swaps()[0] as { Operations: object[] }).Operations);
  if (after.members.length !== size.members) throw new Error("scim-patch has another result");
  return performance.now() - begun;
}

async function compareG1(houston: RunningServer, limit: RunningServer): Promise<string> {
  const rounds: Record<"limit" | "houston" | "library", number>[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    rounds.push({ limit: await timePatches(limit), houston: await timePatches(houston), library: await timeLibrary() });
    tell(`G1 round ${round + 1}: ${JSON.stringify(rounds.at(-1))}`);
  }
  const [a, b, c] = (["limit", "houston", "library"] as const).map((name) => median(rounds.map((one) => one[name])));
  const ms = (time = 0) => `${time.toFixed(1)} ms`;
  return `| G1 PATCH ${CHANGED} in and ${CHANGED} out of ${size.members} members | ${ms(a)} | ${ms(b)} (${((b ?? 0) / (a ?? 1)).toFixed(2)} times) | scim-patch alone: ${ms(c)} (${((c ?? 0) / (b ?? 1)).toFixed(0)} times Houston) |`;
}

async function compareG2(houston: RunningServer, limit: RunningServer): Promise<string> {
  const traffic = {
    first(n: number) {
      const name = `user${(n * 7_919) % size.users}@example.com`;
      return Buffer.from(
        `GET /v1/scim/v2/microsoft/Users?filter=userName%20eq%20%22${name}%22 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
      );
    },
  };
  const measure = async (server: RunningServer, seconds: number) => {
    const { count, failures, failure, latencies, ...result } = await load(server.port, traffic, {
      connections: CONNECTIONS,
      seconds,
    });
    if (failures > 0) throw new Error(`${failures} bad answers, the first: ${failure}`);
    return {
      perSecond: count / result.seconds,
      p50: median(latencies),
      p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    };
  };
  for (const server of [limit, houston]) await measure(server, 2);
  const rounds: Record<"limit" | "houston", Awaited<ReturnType<typeof measure>>>[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    rounds.push({ limit: await measure(limit, size.seconds), houston: await measure(houston, size.seconds) });
    tell(`G2 round ${round + 1}: ${JSON.stringify(rounds.at(-1))}`);
  }
  const [a, b] = (["limit", "houston"] as const).map((name) => median(rounds.map((one) => one[name].perSecond)));
  const [p50, p99] = (["p50", "p99"] as const).map((name) => median(rounds.map(({ houston: one }) => one[name])));
  return `| G2 find one of ${size.users} users by userName | ${a?.toFixed(0)} per second | ${b?.toFixed(0)} per second (${((b ?? 0) / (a ?? 1)).toFixed(2)}) | p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms |`;
}

/** Runs `work` for 0 to `count` - 1, a few at a time and in order. */
async function each(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: SYNC_CONNECTIONS }, worker));
}

async function measureG3(houston: RunningServer): Promise<string> {
  const samples: [number, number][] = [];
  const begun = performance.now();
  let requests = 0;
  const ask = async (method: string, path: string, body?: object) => {
    requests += 1;
    if (requests % 500 === 0) samples.push([requests, rssMegabytes(houston.pid)]);
    return send(houston, method, path, body);
  };
  const patch = (...operations: object[]) => ({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: operations,
  });
  const find = (path: string, filter: string) => ask("GET", `${path}filter=${encodeURIComponent(filter)}`);
  const ids: string[] = [];
  await each(size.sync, async (n) => {
    const userName = `sync${n}@sync.example`;
    await find("/Users?", `userName eq "${userName}"`);
    const { id } = (await ask("POST", "/Users", {
      schemas: [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
      ],
      ...{ externalId: `sync${n}`, userName, active: true, displayName: `Sync ${n}`, meta: { resourceType: "User" } },
      ...{
        emails: [{ primary: true, type: "work", value: userName }],
        name: { givenName: "Sync", familyName: String(n) },
      },
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: `Department ${n % 50}` },
    })) as { id: string };
    ids[n] = id;
  });
  const perGroup = BATCH * 2;
  await each(size.groups, async (n) => {
    await find("/Groups?excludedAttributes=members&", `displayName eq "Sync ${n}"`);
    const given = {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: `Sync ${n}`,
      externalId: `group${n}`,
    };
    const { id } = (await ask("POST", "/Groups", { ...given, meta: { resourceType: "Group" } })) as { id: string };
    for (let at = 0; at < perGroup; at += BATCH) {
      const value = Array.from({ length: BATCH }, (_, m) => ({ value: ids[(n * perGroup + at + m) % ids.length] }));
      await ask("PATCH", `/Groups/${id}`, patch({ op: "Add", path: "members", value }));
    }
  });
  // The next synchronization: everybody has changed.
  await each(size.sync, (n) =>
    ask("PATCH", `/Users/${ids[n]}`, patch({ op: "Replace", path: "title", value: `Title ${n}` })),
  );
  const seconds = (performance.now() - begun) / 1_000;
  const later = samples.slice(Math.floor(samples.length / 3));
  const [first = 0, last = 0] = [samples[0]?.[1], samples.at(-1)?.[1]];
  const peak = Math.max(...samples.map(([, megabytes]) => megabytes));
  tell(`G3 memory in MB: ${samples.map(([, megabytes]) => megabytes.toFixed(0)).join(" ")}`);
  return `| G3 synchronize ${size.sync} users and ${size.groups} groups, then change every user | | ${requests} requests in ${seconds.toFixed(0)} s (${(requests / seconds).toFixed(0)} per second) | memory ${first.toFixed(0)} MB at first, ${last.toFixed(0)} MB in the end, ${peak.toFixed(0)} MB at most; ${(slope(later) * 10_000).toFixed(1)} MB for 10,000 requests in the last two thirds |`;
}

installMissing();
pinOurselves();
const lines = await withCleanup(async (onEnd) => {
  const log = pino({ level: "warn" });
  const database = await withTemporaryPostgres(log, { durable: true }, async (server) => server);
  onEnd(database.stop);
  await migrate(database.url, log);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  const begun = performance.now();
  await seed(pool).finally(() => pool.end());
  tell(`seeded ${size.users} users in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  const start = async (name: "houston" | "limit", program?: string) => {
    const server = await startServer(name, database.url, database.folder, { ...(program && { program }) });
    onEnd(server.stop);
    return server;
  };
  const [houston, limit] = [await start("houston"), await start("limit", "peers/limitScim.mjs")];
  const results: string[] = [];
  if (only.has("G1")) results.push(await compareG1(houston, limit));
  if (only.has("G2")) results.push(await compareG2(houston, limit));
  if (only.has("G3")) results.push(await measureG3(houston));
  return results;
});
process.stdout.write(`| operation | limit | Houston | |\n| --- | --- | --- | --- |\n${lines.join("\n")}\n`);
