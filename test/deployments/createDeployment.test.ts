import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db, app } = await testHouston();
const strict = await testHouston({
  helm: { releaseNamespace: "acme" },
  deployments: {
    manualReleaseNames: true,
    manualNamespaceNames: true,
    preCreatedNamespaces: ["blue", "green"],
    gitSyncDagDeployment: true,
    nfsMountDagDeployment: true,
    triggererEnabled: false,
    astroRuntimeEnabled: false,
    overProvisioningFactorMem: 0.5,
    executors: [
      {
        name: "KubernetesExecutor",
        enabled: true,
        components: ["scheduler", "webserver"],
        defaultExtraAu: 7,
        defaultExtraCapacity: { cpu: 0, memory: 0 },
      },
    ],
  },
});

const CREATE = `mutation ($workspaceUuid: Uuid!, $type: String = "airflow", $label: String!, $description: String,
  $releaseName: String, $namespace: String, $version: String, $airflowVersion: String, $runtimeVersion: String,
  $executor: ExecutorType, $workers: Workers, $webserver: Webserver, $scheduler: Scheduler, $triggerer: Triggerer,
  $dagDeployment: DagDeployment, $config: JSON, $properties: JSON, $cloudRole: String) {
  createDeployment(workspaceUuid: $workspaceUuid, type: $type, label: $label, description: $description,
    releaseName: $releaseName, namespace: $namespace, version: $version, airflowVersion: $airflowVersion,
    runtimeVersion: $runtimeVersion, executor: $executor, workers: $workers, webserver: $webserver,
    scheduler: $scheduler, triggerer: $triggerer, dagDeployment: $dagDeployment, config: $config,
    properties: $properties, cloudRole: $cloudRole) {
    id label description releaseName namespace type version status executor config properties airflowVersion
    runtimeVersion runtimeAirflowVersion desiredRuntimeVersion cloud: urls { type url }
    workers { replicas terminationGracePeriodSeconds resources { requests { cpu memory } limits { cpu memory } } }
    scheduler { replicas { default minimum limit minAirflowVersion } resources { limits { cpu } } }
    webserver { useDefaultAirflowImage resources { limits { memory } } }
    dagDeployment { type nfsLocation repositoryUrl branchName sshKey }
  }
}`;

let labels = 0;
const label = () => `Blue ${labels++}`;

describe("createDeployment", () => {
  it("uses defaults and makes the user Deployment Admin", async () => {
    // The built-in versions have an end of support.
    app.services.now = () => new Date("2026-11-28");
    const { workspace, editor } = await build.workspace();
    const { data } = await as(editor).send(CREATE, { workspaceUuid: workspace.id, label: " Blue " });
    const { id, releaseName, config } = data.createDeployment;
    expect(data.createDeployment).toMatchObject({
      label: "Blue",
      description: "",
      releaseName: expect.stringMatching(/^[a-z]+-[a-z]+-[1-9]\d{3}$/),
      namespace: `astronomer-${releaseName}`,
      status: "UNKNOWN",
      executor: "CeleryExecutor",
      properties: { extra_au: 0 },
      version: "1.22.0",
      runtimeVersion: "13.11.0",
      desiredRuntimeVersion: "13.11.0",
      airflowVersion: null,
      runtimeAirflowVersion: "2.11.2",
      workers: {
        replicas: 1,
        terminationGracePeriodSeconds: 600,
        resources: { requests: { cpu: 1000, memory: 3840 }, limits: { cpu: 1000, memory: 3840 } },
      },
      scheduler: {
        replicas: { default: 1, minimum: 1, limit: 4, minAirflowVersion: null },
        resources: { limits: { cpu: 500 } },
      },
      webserver: { useDefaultAirflowImage: false, resources: { limits: { memory: 1920 } } },
      dagDeployment: { type: "image", sshKey: "" },
    });
    expect(config).toMatchObject({ executor: "CeleryExecutor", workers: { replicas: 1 }, triggerer: { replicas: 1 } });
    expect(await db.deployment.findUniqueOrThrow({ where: { id } })).toMatchObject({ workspaceId: workspace.id });
    expect(await db.roleBinding.findMany({ where: { deploymentId: id } })).toMatchObject([
      { role: "DEPLOYMENT_ADMIN", userId: editor.id },
    ]);
    expect(await db.auditEntry.findMany({ where: { entityId: id } })).toMatchObject([{ action: "createDeployment" }]);
    const { rows } = await app.services.pool.query(
      "SELECT task_identifier AS task FROM graphile_worker.jobs WHERE key = $1",
      [`deployment:${id}`],
    );
    expect(rows).toEqual([{ task: "provisionDeployment" }]);
  });

  it("takes a Runtime version together with the Airflow version it contains", async () => {
    const { workspace, editor } = await build.workspace();
    const given = { workspaceUuid: workspace.id, label: label(), runtimeVersion: "13.11.0", airflowVersion: "2.11.2" };
    const { data, errors } = await as(editor).send(CREATE, given);
    expect(errors).toBeUndefined();
    const versions = { runtimeVersion: "13.11.0", runtimeAirflowVersion: "2.11.2", airflowVersion: null };
    expect(data.createDeployment).toMatchObject(versions);
  });

  it("uses Airflow 3 if requested, or once no version with Airflow 2 is supported", async () => {
    const { as, build, app } = await testHouston({ deployments: { chart: { version: "1.15.0" } } });
    const { workspace, editor } = await build.workspace();
    const created = async (given: object) => {
      const answer = await as(editor).send(CREATE, { workspaceUuid: workspace.id, label: label(), ...given });
      return answer.data.createDeployment;
    };
    const airflow3 = { runtimeVersion: "3.1-21", runtimeAirflowVersion: "3.1.8", version: "1.15.0" };
    expect(await created({ runtimeVersion: "3.1-21" })).toMatchObject(airflow3);
    app.services.now = () => new Date("2026-11-28");
    expect(await created({})).toMatchObject({ runtimeVersion: "13.11.0", version: "1.15.0" });
    app.services.now = () => new Date("2027-05-01");
    expect(await created({})).toMatchObject({ runtimeVersion: "3.3-8" });
  });

  it("stores the provided values; arguments take precedence over config", async () => {
    const { workspace, admin } = await build.workspace();
    const { data, errors } = await as(admin).send(CREATE, {
      workspaceUuid: workspace.id,
      label: label(),
      executor: "CeleryExecutor",
      runtimeVersion: "",
      airflowVersion: "2.9.3",
      config: { executor: "LocalExecutor", workers: { replicas: 2, terminationGracePeriodSeconds: 60 } },
      workers: { replicas: 3, resources: { limits: { cpu: 3500 } } },
      scheduler: { replicas: 2, resources: { requests: { cpu: 100 } } },
      webserver: { useDefaultAirflowImage: true },
      triggerer: {},
      dagDeployment: {},
      properties: { extra_au: 400, colour: "blue" },
    });
    expect(errors).toBeUndefined();
    expect(data.createDeployment).toMatchObject({
      executor: "CeleryExecutor",
      airflowVersion: "2.9.3",
      runtimeVersion: null,
      runtimeAirflowVersion: null,
      workers: {
        replicas: 3,
        terminationGracePeriodSeconds: 60,
        resources: { requests: { cpu: 3500, memory: 3840 }, limits: { cpu: 3500, memory: 3840 } },
      },
      scheduler: { replicas: { default: 2 } },
      webserver: { useDefaultAirflowImage: true },
      properties: { extra_au: 400, colour: "blue" },
      cloud: [{ type: "airflow" }, { type: "flower" }],
    });
  });

  it("makes a service account the admin of every Deployment that it creates", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspace.id });
    for (const name of [label(), label()]) {
      const { data } = await as(account).send(CREATE, { workspaceUuid: workspace.id, label: name });
      expect(await db.roleBinding.findMany({ where: { deploymentId: data.createDeployment.id } })).toMatchObject([
        { role: "DEPLOYMENT_ADMIN", serviceAccountId: account.id },
      ]);
      const { errors } = await as(account).send(
        `mutation ($id: Uuid!) { updateDeployment(deploymentUuid: $id, payload: { description: "New" }) { id } }`,
        { id: data.createDeployment.id },
      );
      expect(errors).toBeUndefined();
    }
    const { data } = await as(account).send("{ self { serviceAccount { role roleBindings { role } } } }");
    const roles = ["WORKSPACE_EDITOR", "DEPLOYMENT_ADMIN", "DEPLOYMENT_ADMIN"].map((role) => ({ role }));
    expect(data.self.serviceAccount).toEqual({ role: "WORKSPACE_EDITOR", roleBindings: roles });
  });

  it("rejects viewers, outsiders, anonymous callers and unknown Workspaces", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    for (const [someone, workspaceUuid] of [
      [viewer, workspace.id],
      [outsider, workspace.id],
      [outsider, "nowhere"],
      [undefined, workspace.id],
    ] as const) {
      const { errors, status } = await as(someone).send(CREATE, { workspaceUuid, label: label() });
      expect(status).toBe(200);
      expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(0);
  });

  it.each([
    [{ label: " " }, "label: must be a string of 1 to 80 characters"],
    [{ label: "x".repeat(81) }, "label: must be a string of 1 to 80 characters"],
    [{ type: "spark" }, "type: must be airflow"],
    [{ namespace: "blue" }, "namespace: must be omitted: deployments.manualNamespaceNames is false"],
    [{ releaseName: "blue-moon" }, "releaseName: must be omitted: deployments.manualReleaseNames is false"],
    [{ runtimeVersion: "7.2.99" }, "runtimeVersion: unknown version 7.2.99; the latest are"],
    [{ airflowVersion: "1.2.3" }, "airflowVersion: unknown version 1.2.3; the latest are"],
    [{ airflowVersion: "2.3.4" }, "airflowVersion: 2.3.4 is deprecated; choose a stable version"],
    [{ runtimeVersion: "12.12.0" }, "runtimeVersion: 12.12.0 is deprecated; choose a stable version"],
    [{ runtimeVersion: "8.0.0" }, "runtimeVersion: 8.0.0 was withdrawn; choose another version"],
    [
      { airflowVersion: "2.9.3", runtimeVersion: "7.2.0" },
      "airflowVersion: must be 2.5.1, which runtimeVersion 7.2.0 contains",
    ],
    [{ version: "latest" }, "version: must be a semantic version"],
    [{ workers: { replicas: 21 } }, "workers.replicas: must be from 1 to 20"],
    [
      { workers: { resources: { limits: { cpu: 3501 } } } },
      "workers.resources.limits.cpu: must be at most 3500 (35 AU)",
    ],
    [
      { workers: { resources: { limits: { memory: 13441 } } } },
      "workers.resources.limits.memory: must be at most 13440 (35 AU)",
    ],
    [
      { scheduler: { resources: { limits: { cpu: 2500 } } } },
      "scheduler.resources.limits.cpu: must be at most 2400 (24 AU)",
    ],
    [{ scheduler: { resources: { limits: { cpu: 0 } } } }, "scheduler.resources.limits.cpu: must be at least 1"],
    [
      { workers: { resources: { limits: { cpu: 500 }, requests: { cpu: 600 } } } },
      "workers.resources.requests.cpu: must be at most 500, the limit of the pod",
    ],
    [
      { workers: { terminationGracePeriodSeconds: -1 } },
      "workers.terminationGracePeriodSeconds: must be from 0 to 86400",
    ],
    [{ triggerer: { replicas: 3 } }, "triggerer.replicas: must be from 0 to 2"],
    [{ config: { workers: { replicas: 21 } } }, "config.workers.replicas: must be from 1 to 20"],
    [{ config: { workers: { replicas: "2" } } }, "config.workers.replicas: must be a whole number"],
    [{ config: { executor: "SequentialExecutor" } }, "config.executor: must be LocalExecutor, CeleryExecutor or"],
    [{ config: { colour: "blue" } }, "config.colour: is not a known field"],
    [{ config: { dagProcessor: { replicas: 1 } } }, "config.dagProcessor: this platform has no such component"],
    [{ config: [1] }, "config: must be an object"],
    [{ config: "CeleryExecutor" }, "config: must be an object"],
    [{ properties: { extra_au: 401 } }, "properties.extra_au: must be a whole number from 0 to 400"],
    [{ properties: { extra_au: "1" } }, "properties.extra_au: must be a whole number from 0 to 400"],
    [{ properties: [] }, "properties: must be an object"],
    [
      { dagDeployment: { type: "image", syncInterval: 0 } },
      "dagDeployment.syncInterval: must be a whole number from 1 to 86,400 (seconds)",
    ],
  ])("rejects %j", async (given, message) => {
    const { workspace, editor } = await build.workspace();
    const { errors } = await as(editor).send(CREATE, { workspaceUuid: workspace.id, label: label(), ...given });
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
    expect(message.startsWith(errors?.[0]?.extensions.argument ?? "?")).toBe(true);
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(0);
  });

  it.each([
    [{ dagDeployment: { type: "volume", nfsLocation: "nfs:/dags" } }, "nfsMountDagDeployment"],
    [{ dagDeployment: { type: "git_sync", repositoryUrl: "git@x:y" } }, "gitSyncDagDeployment"],
    [{ dagDeployment: { type: "dag_deploy" } }, "dagOnlyDeployment"],
  ])("rejects %j when the platform has disabled it", async (given, setting) => {
    const { workspace, editor } = await build.workspace();
    const { errors } = await as(editor).send(CREATE, { workspaceUuid: workspace.id, label: label(), ...given });
    expect(errors).toMatchObject([
      { message: expect.stringContaining(`deployments.${setting} is false`), extensions: { code: "FEATURE_DISABLED" } },
    ]);
  });

  it("accepts a label for only one of fifty concurrent requests", async () => {
    const { workspace, editor } = await build.workspace();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => as(editor).send(CREATE, { workspaceUuid: workspace.id, label: "Wanted" })),
    );
    const refused = answers.flatMap(({ errors }) => errors ?? []);
    expect(refused).toHaveLength(49);
    const [{ id } = {}, ...others] = await db.deployment.findMany({ where: { workspaceId: workspace.id } });
    expect(others).toEqual([]);
    for (const { extensions } of refused) expect(extensions).toEqual({ code: "CONFLICT", argument: "label", id });
    expect(await db.releaseName.count({ where: { deployment: null } })).toBe(0);
  });

  it("creates thirty concurrently, each with its own release name", async () => {
    const { workspace, editor } = await build.workspace();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        as(editor).send(CREATE, { workspaceUuid: workspace.id, label: `Many ${i}` }),
      ),
    );
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(new Set(answers.map(({ data }) => data.createDeployment.releaseName)).size).toBe(30);
  });
});

describe("createDeployment with chosen names", () => {
  const ask = async (given: object) => {
    const { workspace, editor } = await strict.build.workspace();
    return strict.as(editor).send(CREATE, { workspaceUuid: workspace.id, label: label(), namespace: "blue", ...given });
  };

  it("uses the names once, with the platform's own defaults", async () => {
    const first = await ask({ releaseName: "my-airflow" });
    expect(first.data.createDeployment).toMatchObject({
      releaseName: "my-airflow",
      namespace: "blue",
      executor: "KubernetesExecutor",
      properties: { extra_au: 7 },
      runtimeVersion: null,
      airflowVersion: "2.11.0",
      config: { triggerer: { replicas: 0 } },
      workers: { resources: { requests: { cpu: 1000, memory: 1920 }, limits: { cpu: 1000, memory: 3840 } } },
    });
    const { errors: name } = await ask({ releaseName: "my-airflow", namespace: "green" });
    expect(name).toMatchObject([{ extensions: { code: "CONFLICT", argument: "releaseName" } }]);
    const { errors: space } = await ask({ releaseName: "other" });
    expect(space).toMatchObject([{ extensions: { code: "CONFLICT", argument: "namespace" } }]);
    await strict.db.deployment.updateMany({ data: { deletedAt: new Date() } });
    const { errors: again } = await ask({ releaseName: "my-airflow" });
    expect(again).toMatchObject([{ extensions: { code: "CONFLICT", argument: "releaseName" } }]);
    expect((await ask({ releaseName: "other" })).errors).toBeUndefined();
  });

  it("accepts a namespace for only one of ten concurrent requests", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ namespace: "green" })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    for (const { errors } of answers) if (errors) expect(errors[0]?.extensions.code).toBe("CONFLICT");
  });

  it("encrypts the SSH key of git-sync and never returns it", async () => {
    await strict.db.deployment.updateMany({ data: { deletedAt: new Date() } });
    const git = { type: "git_sync", repositoryUrl: "git@github.com:a/b", branchName: "main", sshKey: "top secret" };
    const { data } = await ask({ dagDeployment: git });
    expect(data.createDeployment.dagDeployment).toMatchObject({ ...git, sshKey: "" });
    const row = await strict.db.deployment.findUniqueOrThrow({ where: { id: data.createDeployment.id } });
    const { sshKey } = row.dagDeployment as { sshKey: string };
    const clear = strict.app.services.secrets.open(sshKey, `Deployment:${row.releaseName}:dagDeployment.sshKey`);
    expect(clear).toBe("top secret");
    expect(JSON.stringify(await strict.db.auditEntry.findMany())).not.toContain("top secret");
  });

  it.each([
    [{ namespace: "" }, "namespace: is required on this platform and must be one of blue, green"],
    [{ namespace: "red" }, "namespace: must be one of blue, green"],
    [{ releaseName: "My_Airflow" }, "releaseName: must be 1 to 58 lower-case letters"],
    [{ releaseName: "a".repeat(59) }, "releaseName: must be 1 to 58 lower-case letters"],
    [{ executor: "CeleryExecutor" }, "executor: must be an enabled executor: KubernetesExecutor"],
    [{ config: { executor: "LocalExecutor" } }, "config.executor: must be an enabled executor: KubernetesExecutor"],
    [{ triggerer: { replicas: 1 } }, "triggerer: deployments.triggererEnabled is false"],
    [{ runtimeVersion: "7.2.0" }, "runtimeVersion: deployments.astroRuntimeEnabled is false"],
    [{ dagDeployment: { type: "git_sync" } }, "dagDeployment.repositoryUrl: is required for type git_sync"],
    [{ dagDeployment: { type: "volume", nfsLocation: "" } }, "dagDeployment.nfsLocation: is required for type volume"],
  ])("rejects %j", async (given, message) => {
    await strict.db.deployment.updateMany({ data: { deletedAt: new Date() } });
    const { errors } = await ask(given);
    expect(errors).toMatchObject([{ message: expect.stringContaining(message) }]);
    expect(await strict.db.deployment.count({ where: { deletedAt: null } })).toBe(0);
  });
});
