import type pg from "pg";
import { configFrom } from "../src/platform/config/config.ts";
import { configAfter } from "../src/services/deployments/sizing/configAfter.ts";
import { amounts, bench, people, prefixes, type Size } from "./data.ts";

/**
 * Fills a migrated, empty database with an installation of `size` and updates statistics. The content is always the same
 * except for sessions, which expire after a day. Takes less than 1 s for S and about 20 s for L. Requires a superuser.
 */
export async function seed(pool: pg.Pool, size: Size): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL statement_timeout = 0");
    // Foreign keys are correct by construction, and checking them row by row takes longer than everything else.
    await client.query("SET LOCAL session_replication_role = replica");
    for (const statement of [...nouns(size), ...inside, ...roles(size)]) await client.query(statement);
    await client.query("SELECT recount_rows()");
    await client.query("COMMIT");
    await client.query("SET statement_timeout = 0");
    // Updates statistics and the visibility map for index-only scans, so that neither happens during a measurement.
    await client.query("VACUUM ANALYZE");
    await client.query("CHECKPOINT");
    await client.query("RESET statement_timeout");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

const benchDeployments = bench.workspaces * bench.deployments;

// SQL about row number `n` of a table. Times ascend by a second per row.
const rows = (amount: number) => `generate_series(0, ${amount - 1}) n`;
const id = (table: keyof typeof prefixes, n: string) => `'${prefixes[table]}' || lpad((${n})::text, 23, '0')`;
const time = "timestamp '2026-01-01 00:00:00' + n * interval '1 second'";
const email = `'person' || n || '@example.com'`;
/** The author of a row: a user, as in the columns `createdBy` and `updatedBy`. */
const author = (user: string) => `'user:' || ${id("user", user)}`;
const releaseName = `'bright-orbit-' || lpad(n::text, 6, '0')`;

/** Users, Workspaces and Deployments. Deployments outside the bench Workspaces are spread evenly over the others. */
function nouns(size: Size): string[] {
  const { users, workspaces, deployments } = amounts[size];
  const workspace = `CASE WHEN n < ${benchDeployments} THEN n / ${bench.deployments}
    ELSE ${bench.workspaces} + (n - ${benchDeployments}) % ${workspaces - bench.workspaces} END`;
  // The Admin of a bench Workspace made it and its Deployments; another member changed them.
  const member = (of: string, nth: number) => author(`((${of}) * ${bench.members} + ${nth}) % ${users}`);
  return [
    `INSERT INTO "User" (id, username, "fullName", status, "createdAt", "updatedAt")
     SELECT ${id("user", "n")}, ${email}, 'Person ' || n, 'active', ${time}, ${time} FROM ${rows(users)}`,
    `INSERT INTO "Email" (id, "userId", address, verified, "createdAt", "updatedAt")
     SELECT ${id("email", "n")}, ${id("user", "n")}, ${email}, true, ${time}, ${time} FROM ${rows(users)}`,
    `INSERT INTO "Session" (id, "userId", "expiresAt")
     SELECT ${id("session", "n")}, ${id("user", "n")}, (now() AT TIME ZONE 'utc') + interval '1 day'
     FROM ${rows(users)}`,
    `INSERT INTO "Workspace" (id, label, description, "createdBy", "updatedBy", "createdAt", "updatedAt")
     SELECT ${id("workspace", "n")}, 'Workspace ' || n, 'Pipelines of team ' || n, ${member("n", 0)}, ${member("n", 1)},
       ${time}, ${time}
     FROM ${rows(workspaces)}`,
    `INSERT INTO "ReleaseName" (name) SELECT ${releaseName} FROM ${rows(deployments)}`,
    `INSERT INTO "Deployment" (id, "workspaceId", label, description, "releaseName", namespace, version,
       "airflowVersion", executor, status, config, "dagDeployment", image, "platformApi", "createdBy", "updatedBy",
       "createdAt", "updatedAt")
     SELECT ${id("deployment", "n")}, ${id("workspace", workspace)}, 'Deployment ' || n, 'Runs pipeline ' || n,
       ${releaseName}, 'houston-' || ${releaseName}, '0.37.0', '2.10.5', 'CeleryExecutor',
       (ARRAY['HEALTHY', 'HEALTHY', 'HEALTHY', 'UNHEALTHY']::"DeploymentStatusType"[])[1 + n % 4],
       '${newConfig()}', '{"type": "image"}',
       'registry.localhost/' || ${releaseName} || '/airflow:deploy-' || 1 + n % 9, '${JSON.stringify(newSettings)}', ${member(workspace, 0)}, ${member(workspace, 1)}, ${time}, ${time}
     FROM ${rows(deployments)}`,
  ];
}

/** Two variables, one of them a secret, and two worker queues for each Deployment that requests show with them. */
const inside = [
  `CREATE TEMPORARY TABLE shown ON COMMIT DROP AS
   SELECT d.id, d."createdAt", row_number() OVER (ORDER BY d.id) AS n FROM "Deployment" d
   WHERE d.id < ${id("deployment", String(benchDeployments))}
     OR d.id IN (SELECT p.id FROM "Deployment" p ORDER BY p.label, p.id LIMIT 100)`,
  `INSERT INTO "EnvironmentVariable" (id, "deploymentId", key, value, "isSecret", "createdAt", "updatedAt")
   SELECT 'cv' || k || lpad(n::text, 22, '0'), id, key, value, secret, "createdAt", "createdAt" FROM shown, (VALUES
     (0, 'AIRFLOW__CORE__PARALLELISM', '32', false), (1, 'WAREHOUSE_TOKEN', 'sealed', true)) v(k, key, value, secret)`,
  `INSERT INTO "WorkerQueue" (id, "deploymentId", name, "isDefault", "astroMachine", "minWorkerCount", "maxWorkerCount",
     "workerConcurrency", "createdAt", "updatedAt")
   SELECT 'cq' || k || lpad(n::text, 22, '0'), id, name, k = 0, machine, k, 10, 5, "createdAt", "createdAt"
   FROM shown, (VALUES (0, 'default', 'A5'), (1, 'large', 'A20')) q(k, name, machine)`,
];

/** What the Platform API stores of a new Deployment besides, under the names of its fields. */
const newSettings = {
  ...{ type: "STANDARD", cloudProvider: "AWS", region: "us-east-1", schedulerSize: "SMALL" },
  ...{ isCicdEnforced: false, isDevelopmentMode: false, isHighAvailability: false },
  ...{ defaultTaskPodCpu: "0.25", defaultTaskPodMemory: "0.5Gi" },
  ...{ resourceQuotaCpu: "10", resourceQuotaMemory: "20Gi" },
};

/** The settings of a new Deployment as JSON, so that the largest column in a response has a realistic size. */
const newConfig = () => JSON.stringify(configAfter(configFrom(), { components: {} }, undefined, null));

/** Role bindings. The first user of a Workspace or Deployment is its Admin, the second its Editor, the others are Viewers. */
function roles(size: Size): string[] {
  const { users, workspaces, deployments, roleBindingsPerDeployment: each } = amounts[size];
  const perBench = bench.roleBindingsPerDeployment;
  const members = bench.members;
  const someone = `${people.firstOther} + n % ${users - people.firstOther}`;
  const role = (level: string, k: string) =>
    `'${level}' || CASE ${k} WHEN 0 THEN '_ADMIN' WHEN 1 THEN '_EDITOR' ELSE '_VIEWER' END`;
  return [
    `INSERT INTO "Team" (id, name, "updatedAt") VALUES ('ct${"0".repeat(23)}', 'Team', now())`,
    `INSERT INTO "TeamMember" ("teamId", "userId") VALUES ('ct${"0".repeat(23)}', ${id("user", String(people.inTeam))})`,
    `INSERT INTO "RoleBinding" (id, role, "teamId", "deploymentId", "updatedAt")
     SELECT 'crt' || lpad(n::text, 22, '0'), 'DEPLOYMENT_EDITOR', 'ct${"0".repeat(23)}', ${id("deployment", "n")}, now()
     FROM ${rows(bench.deployments)}`,
    bindings("s", `SELECT 0, 'SYSTEM_ADMIN', ${people.systemAdmin}, NULL::int, NULL::int`),
    bindings("a", `SELECT n, 'WORKSPACE_ADMIN', ${people.manyWorkspaces}, n, NULL::int FROM ${rows(bench.workspaces)}`),
    bindings(
      "w",
      `SELECT n, ${role("WORKSPACE", `n % ${members}`)}, CASE WHEN n < ${people.manyWorkspaces} THEN n ELSE ${someone} END,
         n / ${members}, NULL::int FROM ${rows(workspaces * members)}`,
    ),
    // The users of a bench Deployment are members of its Workspace, all in equally many Deployments.
    bindings(
      "b",
      `SELECT n, ${role("DEPLOYMENT", `n % ${perBench}`)}, n / ${perBench * bench.deployments} * ${members} + n % ${members},
         NULL::int, n / ${perBench} FROM ${rows(benchDeployments * perBench)}`,
    ),
    bindings(
      "d",
      `SELECT n, ${role("DEPLOYMENT", `n % ${each}`)}, ${someone}, NULL::int, ${benchDeployments} + n / ${each}
       FROM ${rows((deployments - benchDeployments) * each)}`,
    ),
  ];
}

/** Role bindings from a query for number, role, user, Workspace and Deployment. `kind` makes their IDs unique. */
const bindings = (kind: string, query: string) => `
  INSERT INTO "RoleBinding" (id, role, "userId", "namedAddress", "workspaceId", "deploymentId", "createdAt", "updatedAt")
  SELECT 'cr${kind}' || lpad(n::text, 22, '0'), role::"Role", ${id("user", "person")}, 'person' || person || '@example.com',
    ${id("workspace", "workspace")}, ${id("deployment", "deployment")}, ${time}, ${time}
  FROM (${query}) b(n, role, person, workspace, deployment)`;
