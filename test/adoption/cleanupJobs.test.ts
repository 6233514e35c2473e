import { describe, expect, it } from "vitest";
import { KubernetesError, type KubernetesObject } from "../../src/platform/kubernetes/kubernetes.ts";
import { jobs } from "../../src/platform/kubernetes/resources.ts";
import { onCluster } from "../support/onCluster.ts";
import { outcomeOf } from "../support/outcome.ts";

const CLEANUP = `query ($olderThan: Int, $dryRun: Boolean, $outputPath: String, $dropArchives: Boolean,
  $provider: String, $bucketName: String, $providerEnvSecretName: String, $tables: String) {
  cleanupAirflowDb(olderThan: $olderThan, dryRun: $dryRun, outputPath: $outputPath, dropArchives: $dropArchives,
    provider: $provider, bucketName: $bucketName, providerEnvSecretName: $providerEnvSecretName, tables: $tables)
}`;

/** Houston on a new cluster with Deployments that it has applied, and functions that clean up and show the Jobs. */
async function scene(count = 1, overrides: Parameters<typeof onCluster>[0] = {}) {
  const deployments = { cleanupAirflowDb: { enabled: true }, ...overrides?.deployments };
  const houston = await onCluster({ ...overrides, deployments }, ["houston"]);
  const { app, as, build, cluster, db } = houston;
  app.services.now = () => now;
  const admin = await build.systemAdmin();
  const applied = async (given: Parameters<typeof build.deployment>[0] = {}, provision: object = {}) => {
    const versions = { airflowVersion: "2.11.0", desiredAirflowVersion: "2.11.0" };
    const { deployment } = await build.deployment({ namespace: "houston", ...versions, ...given });
    const { id, clusterId, releaseName, namespace } = deployment;
    await db.provision.create({ data: { id, clusterId, releaseName, namespace, appliedRevision: 1, ...provision } });
    return deployment;
  };
  const rows = [];
  for (let n = 0; n < count; n += 1) rows.push(await applied());
  const cleanup = (variables: object = {}) => as(admin).send(CLEANUP, { ...variables });
  return { ...houston, admin, applied, rows, cleanup, jobs: () => cluster.all(jobs) };
}

interface Container {
  name: string;
  image: string;
  args: string[];
  env: object[];
  envFrom?: object[];
  resources: object;
  securityContext: object;
}

interface Pod {
  initContainers?: Container[];
  containers: Container[];
}

const podOf = (job: KubernetesObject | undefined): Pod =>
  (job?.spec?.template as { spec: Pod } | undefined)?.spec as Pod;

/** The containers of a Job, in the order in which they run. */
function stepsOf(job: KubernetesObject | undefined): Container[] {
  const { initContainers = [], containers } = podOf(job);
  return [...initContainers, ...containers];
}

const commandsOf = (job: KubernetesObject | undefined) => stepsOf(job).map(({ args }) => args.join(" "));

/** The time on the server: the day must not end during a test. */
const now = new Date();
const daysAgo = (days: number) =>
  `${new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;

describe("cleanupAirflowDb on a cluster", () => {
  it("creates a Job for each Deployment that Houston runs", async () => {
    const { admin, applied, cleanup, db, jobs, rows } = await scene(2);
    await applied({ deletedAt: new Date() });
    await applied({ adoptedAt: new Date() });
    await applied({}, { appliedRevision: 0 });
    expect((await cleanup()).data).toEqual({ cleanupAirflowDb: true });
    const found = jobs().map(({ metadata }) => metadata.labels?.["houston/deployment"]);
    expect(found.sort()).toEqual(rows.map(({ id }) => id).sort());
    expect(await db.auditEntry.findFirstOrThrow({ where: { action: "cleanupAirflowDb" } })).toMatchObject({
      actor: `user:${admin.id}`,
      detail: { before: daysAgo(365), dryRun: false, dropArchives: false, tables: [], provider: "local" },
    });
  });

  it("runs Airflow's own command with the Deployment's image and database, without any rights", async () => {
    const { cleanup, jobs, rows } = await scene();
    await cleanup({ olderThan: 30, tables: " log, dag_run" });
    const [job] = jobs();
    const { releaseName, id } = rows[0] ?? { releaseName: "", id: "" };
    expect(commandsOf(job)).toEqual([
      `airflow db clean --clean-before-timestamp ${daysAgo(30)} --tables log,dag_run --yes`,
    ]);
    expect(job).toMatchObject({
      apiVersion: "batch/v1",
      metadata: {
        name: expect.stringMatching(new RegExp(`^${releaseName}-cleanup-[0-9a-f]{10}$`)),
        namespace: "houston",
        labels: { "app.kubernetes.io/managed-by": "houston", "houston/deployment": id },
      },
      spec: { backoffLimit: 1, ttlSecondsAfterFinished: 3600 },
    });
    expect(podOf(job)).toMatchObject({
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 50_000, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(stepsOf(job)[0]).toMatchObject({
      image: "apache/airflow:2.11.0",
      env: [
        {
          name: "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
          valueFrom: { secretKeyRef: { name: `${releaseName}-houston-metadata`, key: "connection" } },
        },
      ],
      resources: { requests: { cpu: "100m" }, limits: { memory: "2Gi" } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    });
  });

  it("only reports what it would remove in a dry run", async () => {
    const { cleanup, jobs } = await scene();
    await cleanup({ dryRun: true, dropArchives: true, provider: "aws", bucketName: "old-rows" });
    expect(commandsOf(jobs()[0])).toEqual([
      `airflow db clean --clean-before-timestamp ${daysAgo(365)} --dry-run --yes`,
    ]);
  });

  it("drops the archive tables at the end", async () => {
    const { cleanup, jobs } = await scene();
    await cleanup({ dropArchives: true, tables: "log" });
    expect(commandsOf(jobs()[0]).slice(1)).toEqual(["airflow db drop-archived --tables log --yes"]);
  });

  it("drops them only after they are in the bucket", async () => {
    const { cleanup, jobs, rows } = await scene();
    const given = { provider: "aws", bucketName: "old-rows", outputPath: "/airflow//archive/" };
    await cleanup({ ...given, dropArchives: true, providerEnvSecretName: "aws-credentials" });
    const steps = stepsOf(jobs()[0]);
    expect(steps.map(({ name }) => name)).toEqual(["clean", "export", "upload", "drop"]);
    expect(steps[1]?.args.join(" ")).toBe("airflow db export-archived --output-path /archives --yes");
    const { releaseName } = rows[0] ?? {};
    expect(steps[2]?.args.slice(3)).toEqual(["aws", "old-rows", `airflow/archive/${releaseName}/`, "/archives"]);
    for (const { envFrom } of steps) expect(envFrom).toEqual([{ secretRef: { name: "aws-credentials" } }]);
  });

  it("starts the same one only once, and another one with other options", async () => {
    const { cleanup, cluster, jobs } = await scene();
    await Promise.all([cleanup(), cleanup()]);
    const [first] = jobs();
    expect((await cleanup()).data).toEqual({ cleanupAirflowDb: true });
    expect(jobs()).toEqual([first]);
    await cleanup({ olderThan: 3 });
    expect(jobs()).toHaveLength(2);
    expect(cluster.count("delete")).toBe(0);
  });

  it("uses the image, the pull secret, the user and the database that apply to the Deployment", async () => {
    const helm = { airflow: { uid: 1000, gid: 2000, data: { metadataSecretName: "operators-own" } } };
    const { app, applied, cleanup, jobs } = await scene(0, {
      deployments: { database: { enabled: false }, helm } as object,
    });
    const digest = `sha256:${"a".repeat(64)}`;
    const { secrets } = app.services;
    const dockerconfigjson = (name: string) => secrets.seal("{}", `Deployment:${name}:dockerconfigjson`);
    await applied({
      releaseName: "one",
      image: `registry.example.com:5000/sales/airflow:1@${digest}`,
      dockerconfigjson: dockerconfigjson("one"),
    });
    await applied({ releaseName: "two", runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.2.0" });
    await cleanup();
    const [one, two] = jobs();
    expect(stepsOf(one)[0]?.image).toBe(`registry.example.com:5000/sales/airflow:1@${digest}`);
    expect(stepsOf(two)[0]?.image).toBe("quay.io/astronomer/astro-runtime:7.2.0");
    expect(one?.spec?.template).toMatchObject({
      spec: {
        imagePullSecrets: [{ name: "one-houston-registry" }],
        securityContext: { runAsUser: 1000, runAsGroup: 2000 },
      },
    });
    expect(stepsOf(one)[0]?.env).toMatchObject([{ valueFrom: { secretKeyRef: { name: "operators-own" } } }]);
  });

  it("names a Job of a long release within 63 characters", async () => {
    const { applied, cleanup, jobs } = await scene(0);
    await applied({ releaseName: `a${"-long-name".repeat(6)}` });
    await cleanup();
    expect(jobs()[0]?.metadata.name).toMatch(/^a[-a-z]{43}-cleanup-[0-9a-f]{10}$/);
  });

  it("says how many Jobs could not be created, and creates the others", async () => {
    const { cleanup, cluster, jobs, rows } = await scene(3);
    cluster.before = ({ name }) => {
      if (name?.startsWith(`${rows[1]?.releaseName}-`))
        throw new KubernetesError("jobs is forbidden", 403, "Forbidden");
    };
    const answer = await cleanup();
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(answer.errors?.[0]?.message).toBe("Houston cannot clean up the databases of 1 Airflow: jobs is forbidden");
    expect(jobs()).toHaveLength(2);
  });

  it("says that a cluster has no connection", async () => {
    const { applied, cleanup, db } = await scene(0);
    const { id: clusterId } = await db.cluster.create({ data: { name: "east", metadataUrl: "https://x" } });
    await applied({ clusterId });
    await applied({ clusterId });
    expect((await cleanup()).errors?.[0]?.message).toBe(
      "Houston cannot clean up the databases of 2 Airflows: Houston has no connection to the cluster",
    );
  });

  it("does not read the variables, which may be 64 MiB", async () => {
    const { cleanup, db, jobs, rows } = await scene(1);
    const [{ id: deploymentId } = { id: "" }] = rows;
    // Whoever reads it fails: it is not encrypted.
    await db.environmentVariable.create({ data: { deploymentId, key: "A", value: "x", isSecret: true } });
    expect((await cleanup()).data).toEqual({ cleanupAirflowDb: true });
    expect(jobs()).toHaveLength(1);
  });

  it("is done at once where nothing runs", async () => {
    const { cleanup, cluster } = await scene(0);
    expect((await cleanup()).data).toEqual({ cleanupAirflowDb: true });
    expect(cluster.requests).toEqual([]);
  });
});
