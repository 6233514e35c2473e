import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { secrets } from "../../src/platform/kubernetes/resources.ts";
import { createTestDatabase } from "../support/db.ts";
import { onCluster } from "../support/onCluster.ts";
import { outcomeOf } from "../support/outcome.ts";
import { byFlux, byHelm, type Installed } from "./installed.ts";

const { as, build, cluster, db } = await onCluster({}, ["team-airflow"]);

const USERS = `query ($deploymentId: Uuid!) {
  adoptedAirflowUsers(deploymentId: $deploymentId) {
    username email fullName active fabRoles suggestedWorkspaceRole suggestedDeploymentRole alreadyImported
  }
}`;

/** A metadata database with what Flask-AppBuilder has of its tables. */
const airflow = await createTestDatabase({ empty: true });
const empty = await createTestDatabase({ empty: true });
afterAll(() => Promise.all([airflow.drop(), empty.drop()]));

const client = new pg.Client({ connectionString: airflow.url });
await client.connect();
await client.query(`
  CREATE TABLE ab_user (id integer PRIMARY KEY, first_name varchar(256) NOT NULL, last_name varchar(256) NOT NULL,
    username varchar(512) UNIQUE NOT NULL, email varchar(512) UNIQUE NOT NULL, active boolean, password varchar(256));
  CREATE TABLE ab_role (id integer PRIMARY KEY, name varchar(64) UNIQUE NOT NULL);
  CREATE TABLE ab_user_role (id serial PRIMARY KEY, user_id integer, role_id integer);
  INSERT INTO ab_role VALUES (1, 'Admin'), (2, 'Op'), (3, 'User'), (4, 'Viewer'), (5, 'Public'), (6, 'Auditors'), (7, 'constructor');
  INSERT INTO ab_user VALUES
    (1, 'Ada', 'Lovelace', 'ada', ' Ada@Example.com', true, 'hash'), (2, 'Bob', '', 'bob', 'bob@example.com', false, 'hash'),
    (3, 'Cleo', 'C', 'cleo', 'cleo@example.com', NULL, NULL), (4, 'Dan', 'D', 'dan', 'dan@example.com', true, NULL),
    (5, 'Eve', 'E', 'eve', 'eve@example.com', true, NULL), (6, 'Fay', 'F', 'fay', 'fay@example.com', true, NULL);
  INSERT INTO ab_user_role (user_id, role_id) VALUES (1, 4), (1, 1), (2, 3), (3, 6), (4, 5), (6, 7), (6, 2)`);
await client.end();

let releases = 0;

/** An adopted Deployment whose release has this Secret with the connection, and a function that reads its users. */
async function scene(
  connection: string | undefined,
  { secret, ...given }: Partial<Installed> & { secret?: string } = {},
) {
  const crName = `sales-${releases++}`;
  byHelm(cluster, { name: crName, ...given });
  if (connection !== undefined) {
    cluster.put(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: secret ?? `${crName}-metadata`, namespace: "team-airflow" },
      data: { connection: Buffer.from(connection).toString("base64") },
    });
  }
  const adoption = { crName, crNamespace: "team-airflow" };
  const row = { releaseName: crName, namespace: "team-airflow", adoptedAt: new Date(), adoption };
  const { deployment, home } = await build.deployment(row);
  const ask = () => as(home?.admin).send(USERS, { deploymentId: deployment.id });
  return { crName, deployment, ask, users: async () => (await ask()).data.adoptedAirflowUsers };
}

const names = (users: { username: string }[]) => users.map(({ username }) => username);
const all = ["ada", "bob", "cleo", "dan", "eve", "fay"];

/** The URL of the database, changed. */
function urlWith(change: (url: URL) => void, from = airflow.url): string {
  const url = new URL(from);
  change(url);
  return url.href;
}

describe("adoptedAirflowUsers of a metadata database", () => {
  it("returns its users, with roles that fit", async () => {
    const { deployment, users } = await scene(airflow.url);
    const bob = await build.user({ email: "bob@example.com" });
    await db.roleBinding.create({ data: { role: "DEPLOYMENT_VIEWER", userId: bob.id, deploymentId: deployment.id } });
    const suggested = (workspace: string | null, role: string | null) => ({
      suggestedWorkspaceRole: workspace,
      suggestedDeploymentRole: role,
    });
    const viewer = "WORKSPACE_VIEWER";
    const rest = { active: true, alreadyImported: false };
    expect(await users()).toEqual([
      {
        ...{ username: "ada", email: "ada@example.com", fullName: "Ada Lovelace", fabRoles: ["Admin", "Viewer"] },
        ...{ ...rest, ...suggested(viewer, "DEPLOYMENT_ADMIN") },
      },
      {
        ...{ username: "bob", email: "bob@example.com", fullName: "Bob", fabRoles: ["User"], active: false },
        ...{ ...suggested(viewer, "DEPLOYMENT_EDITOR"), alreadyImported: true },
      },
      {
        ...{ username: "cleo", email: "cleo@example.com", fullName: "Cleo C", fabRoles: ["Auditors"] },
        ...{ ...rest, active: false, ...suggested(viewer, "DEPLOYMENT_VIEWER") },
      },
      {
        ...{ username: "dan", email: "dan@example.com", fullName: "Dan D", fabRoles: ["Public"] },
        ...{ ...rest, ...suggested(null, null) },
      },
      {
        ...{ username: "eve", email: "eve@example.com", fullName: "Eve E", fabRoles: [] },
        ...{ ...rest, ...suggested(null, null) },
      },
      {
        ...{ username: "fay", email: "fay@example.com", fullName: "Fay F", fabRoles: ["Op", "constructor"] },
        ...{ ...rest, ...suggested(viewer, "DEPLOYMENT_EDITOR") },
      },
    ]);
  });

  it("takes the connection from the Secret that the release names", async () => {
    const named = await scene(airflow.url, { secret: "own", values: { data: { metadataSecretName: "own" } } });
    expect(names(await named.users())).toEqual(all);
    const nested = { airflow: { data: { metadataSecretName: "nested" } } };
    const inside = await scene(airflow.url, { secret: "nested", values: nested });
    expect(names(await inside.users())).toEqual(all);
    const full = { useStandardNaming: true, fullnameOverride: "full" };
    const standard = await scene(airflow.url, { secret: "full-metadata", values: full });
    expect(names(await standard.users())).toEqual(all);
    const { crName, ask } = await scene(undefined, { values: { useStandardNaming: true } });
    expect((await ask()).errors?.[0]?.message).toContain(`has no Secret ${crName}-airflow-metadata`);
  });

  it("understands the URLs of SQLAlchemy", async () => {
    const psycopg = urlWith(
      (url) => url.searchParams.set("sslmode", "disable"),
      airflow.url.replace(/^\w+:/, "postgresql+psycopg2:"),
    );
    expect(names(await (await scene(psycopg)).users())).toEqual(all);
    const short = airflow.url.replace(/^\w+:/, "postgres:");
    expect(names(await (await scene(short)).users())).toEqual(all);
  });

  it.each([
    ["another database", "mysql://me:canary@127.0.0.1/airflow", "its metadata database is no PostgreSQL"],
    ["no URL", "canary", "its metadata database is no PostgreSQL"],
    [
      "an address that is not valid",
      "postgresql://%E0%A4%A:canary@127.0.0.1/airflow",
      "the address of its metadata database is not valid",
    ],
    ["no tables of users", empty.url, "its metadata database has no tables of users"],
    [
      "no database",
      urlWith((url) => {
        url.pathname = "/canary";
      }),
      "its metadata database does not exist",
    ],
    [
      "nobody listening",
      urlWith((url) => {
        url.port = "1";
        url.password = "canary";
      }),
      "its metadata database cannot be read (ECONNREFUSED)",
    ],
    [
      "no encryption",
      urlWith((url) => url.searchParams.set("sslmode", "require")),
      "its metadata database cannot be read (no usable answer)",
    ],
    [
      "no such host",
      "postgresql://me:canary@nowhere.invalid/airflow",
      "the host of its metadata database cannot be found (ENOTFOUND)",
    ],
    [
      "a cloud's metadata service",
      "postgresql://me:canary@169.254.169.254/airflow",
      "its metadata database is in a network that this platform must not connect to",
    ],
  ])("says why it cannot read a database: %s", async (_, connection, reason) => {
    const { ask } = await scene(connection);
    const answer = await ask();
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(answer.errors?.[0]?.message).toBe(`Houston cannot read the users of the Airflow: ${reason}`);
    expect(JSON.stringify(answer)).not.toContain("canary");
  });

  it("says that the release or its Secret is gone, or another one", async () => {
    const without = await scene(undefined);
    expect((await without.ask()).errors?.[0]?.message).toBe(
      `Houston cannot read the users of the Airflow: namespace team-airflow has no Secret ${without.crName}-metadata with the key connection`,
    );
    const { crName, ask } = await scene(airflow.url);
    byFlux(
      cluster,
      { name: crName },
      {
        status: {
          history: [
            {
              name: "other",
              namespace: "team-airflow",
              version: 1,
              status: "deployed",
              chartName: "airflow",
              chartVersion: "1.0.0",
            },
          ],
        },
      },
    );
    const gone = `Houston cannot read the users of the Airflow: its release ${crName} is no longer in namespace team-airflow`;
    expect((await ask()).errors?.[0]?.message).toBe(gone);
  });
});
