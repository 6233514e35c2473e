import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { idOf, people } from "../../bench/data.ts";
import { seed } from "../../bench/seed.ts";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { startTestApp } from "../support/app.ts";
import { countStatements } from "../support/countStatements.ts";
import { createTestDatabase } from "../support/db.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { measuredHouston } from "../support/measuredHouston.ts";
import { shortened } from "../support/shortened.ts";

/** 10,000 users, 1,000 Workspaces, 5,000 Deployments and 50,000 role bindings. */
const database = await createTestDatabase();
const pool = new pg.Pool({ connectionString: database.url, max: 1 });
await seed(pool, "M");
await pool.end();
/** Times are those of a process of its own, statements those of one that can be looked into. Both sign with one secret. */
const houston = await measuredHouston({}, database);
const counted = await startTestApp({}, { database: { ...database, drop: async () => undefined } });
afterAll(async () => {
  await counted.close();
  await houston.stop();
});
const { build } = houston;
const tokens = {
  "System Admin": await build.tokenOf(idOf("user", people.systemAdmin)),
  "Admin of ten Workspaces": await build.tokenOf(idOf("user", people.manyWorkspaces)),
};
type Person = keyof typeof tokens;

const TIMES = shortened(100, 30);
/** Milliseconds, and statements, for a page of any size. */
const [MAX_P99, MAX_STATEMENTS] = [150, 12];

const [workspace, deployment, organization] = [idOf("workspace", 3), idOf("deployment", 30), DEFAULT_ORGANIZATION];
const user = "{ id username emails { address } roleBindings { role workspace { id } deployment { id } } }";
const deployments =
  "{ id label releaseName status createdAt workspace { id label } roleBindings { role user { id } } }";
const workspaces = "{ id label createdAt users { id username } deploymentCount }";
const everyone: Person[] = ["System Admin", "Admin of ten Workspaces"];
const systemAdmin: Person[] = ["System Admin"];

/** Each list, who may read it, and its pages: undefined for one that has none. */
const lists: { name: string; people: Person[]; document(take: number): string; takes: number[] }[] = [
  ...(
    [
      ["paginatedWorkspaces", "pageNumber: 1", workspaces, systemAdmin],
      ["paginatedWorkspaces", "pageNumber: 9", workspaces, systemAdmin],
      ["paginatedDeployments", "pageNumber: 1", deployments, systemAdmin],
      ["paginatedDeployments", "pageNumber: 40", deployments, systemAdmin],
      ["paginatedDeployments", `name: "Deployment 12"`, deployments, systemAdmin],
      ["paginatedDeployRevisions", "pageNumber: 1", "{ id }", systemAdmin],
      ["paginatedWorkspaceUsers", `workspaceUuid: "${workspace}"`, user, everyone],
      ["paginatedTeams", "", "{ count teams { id } }", systemAdmin],
      ["paginatedClusters", "", "{ count clusters { id } }", systemAdmin],
      ["auditLog", "", "{ id action actor }", systemAdmin],
      ["auditLog", `workspaceUuid: "${workspace}"`, "{ id action actor }", everyone],
    ] as const
  ).map(([field, args, selection, people]) => ({
    ...{ name: `${field}(${args})`, people: [...people], takes: [10, 100, 1_000] },
    document: (take: number) => `{ ${field}(take: ${take} ${args}) ${selection} }`,
  })),
  ...(
    [
      [`workspaceUsers(workspaceUuid: "${workspace}")`, user, everyone],
      [`workspaceDeployments(workspaceUuid: "${workspace}")`, deployments, everyone],
      [`deploymentUsers(deploymentId: "${deployment}")`, user, everyone],
      [`workspaceTeams(workspaceUuid: "${workspace}")`, "{ id }", everyone],
      [`workspaceServiceAccounts(workspaceUuid: "${workspace}")`, "{ id label }", everyone],
      [`users(user: { email: "person77@example.com" })`, user, systemAdmin],
      ["workspaces", workspaces, ["Admin of ten Workspaces"]],
      ["deployments", deployments, ["Admin of ten Workspaces"]],
    ] as const
  ).map(([call, selection, people]) => ({
    ...{ name: call, people: [...people], takes: [0], document: () => `{ ${call} ${selection} }` },
  })),
];

async function graphql(url: string, person: Person, query: string): Promise<void> {
  const response = await fetch(`${url}/v1`, {
    ...{ method: "POST", headers: { "content-type": "application/json", authorization: tokens[person] } },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  if (text.startsWith('{"errors":')) throw new Error(`${query}: ${text.slice(0, 500)}`);
}

async function rest(url: string, person: Person, path: string): Promise<void> {
  const response = await fetch(`${url}/platform/v1beta1${path}`, {
    headers: { authorization: `Bearer ${tokens[person]}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

const requests = [
  ...lists.flatMap(({ name, people: callers, document, takes }) =>
    takes.flatMap((take) =>
      callers.map((person) => ({
        ...{
          name: `${name}${take ? `, ${take} rows` : ""}, ${person}`,
          send: (url: string) => graphql(url, person, document(take)),
        },
      })),
    ),
  ),
  ...["workspaces", "deployments", "clusters"].flatMap((noun) =>
    [10, 100, 1_000].flatMap((limit) =>
      everyone.map((person) => ({
        name: `GET /${noun}?limit=${limit}, ${person}`,
        send: (url: string) => rest(url, person, `/organizations/${organization}/${noun}?limit=${limit}&offset=0`),
      })),
    ),
  ),
];

const worst = { p99: 0, statements: 0 };
afterAll(() => figures("L5", { lists: requests.length, "p99 ms": worst.p99, statements: worst.statements }));

it.each(requests)("L5: $name", { timeout: 120_000 }, async ({ name, send }) => {
  for (let n = 0; n < 2; n += 1) await send(counted.url);
  const { statements } = await countStatements(() => send(counted.url));
  for (let n = 0; n < 5; n += 1) await send(houston.url);
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const began = performance.now();
    await send(houston.url);
    times.push(performance.now() - began);
  }
  const p99 = percentile(times, 0.99);
  worst.p99 = Math.max(worst.p99, p99);
  worst.statements = Math.max(worst.statements, statements.length);
  if (p99 > MAX_P99) figures(`L5 ${name}`, { "slow p50 ms": percentile(times, 0.5), "slow p99 ms": p99 });
  expect(statements.length).toBeLessThanOrEqual(MAX_STATEMENTS);
  inTime(p99, MAX_P99);
});
