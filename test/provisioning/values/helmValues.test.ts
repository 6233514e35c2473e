import { describe, expect, it } from "vitest";
import { type Config, configFrom, type DeepPartial } from "../../../src/platform/config/config.ts";
import { at } from "../../../src/platform/config/tree.ts";
import { settingsWith } from "../../../src/services/deployments/configuration/effectiveConfig.ts";
import { helmOverrides } from "../../../src/services/provisioning/values/helmOverrides.ts";
import { helmValues } from "../../../src/services/provisioning/values/helmValues.ts";
import { helmReleaseName } from "../../../src/services/provisioning/values/names.ts";
import { ValuesError } from "../../../src/services/provisioning/values/valuesError.ts";
import type { WantedDeployment } from "../../../src/services/provisioning/wanted/wanted.ts";
import { platform, signIn, valuesContext, wantedDeployment } from "../wantedDeployment.ts";

/** `deployments.helm` has any keys, so its type has none. */
const withHelm = (helm: object) => ({ deployments: { helm } }) as DeepPartial<Config>;

const valuesOf = (given: Parameters<typeof wantedDeployment>[1] = {}, config = platform()) =>
  helmValues(wantedDeployment(config, given), valuesContext(config));

const queue = {
  isDefault: false,
  workerConcurrency: 16,
  minWorkerCount: 0,
  maxWorkerCount: 5,
  podCpu: null,
  podRam: null,
};

describe("the image", () => {
  it.each([
    ["registry.example.com:5000/a/b:1.2", { repository: "registry.example.com:5000/a/b", tag: "1.2" }],
    ["registry.example.com:5000/a/b", { repository: "registry.example.com:5000/a/b", tag: "latest" }],
    ["a/b@sha256:0123", { repository: "a/b", digest: "sha256:0123" }],
    ["host:1/a:t@sha256:0123", { repository: "host:1/a", tag: "t", digest: "sha256:0123" }],
    ["airflow:3", { repository: "airflow", tag: "3" }],
  ])("%s is given in parts", (image, parts) => {
    expect(valuesOf({ image }).images).toEqual({ airflow: { ...parts, pullPolicy: "IfNotPresent" } });
  });

  it("is that of the version for a Deployment without one", () => {
    const repositoryOf = (given: Partial<WantedDeployment>, config?: Config) =>
      at(valuesOf(given, config), ["images", "airflow"]);
    expect(repositoryOf({})).toMatchObject({ repository: "apache/airflow", tag: "3.2.2" });
    const runtime = { runtimeVersion: "3.2-1" };
    expect(repositoryOf(runtime)).toMatchObject({ repository: "quay.io/astronomer/astro-runtime", tag: "3.2-1" });
    const own = withHelm({
      airflow: { defaultAirflowRepository: "mirror:5000/airflow" },
      runtimeImages: { airflow: { repository: "mirror:5000/runtime" } },
    });
    expect(repositoryOf({}, platform(own))).toMatchObject({ repository: "mirror:5000/airflow", tag: "3.2.2" });
    expect(repositoryOf(runtime, platform(own))).toMatchObject({ repository: "mirror:5000/runtime", tag: "3.2-1" });
  });

  it("is pulled with the credentials of the Deployment, if it has some", () => {
    expect(valuesOf({ dockerconfigjson: {} }).registry).toEqual({ secretName: "quiet-comet-1000-houston-registry" });
    expect(valuesOf()).not.toHaveProperty("registry");
  });
});

describe("components", () => {
  it("have their number of pods and their size", () => {
    const { config } = wantedDeployment();
    const resources = { requests: { cpu: 250, memory: 512 }, limits: { cpu: 500, memory: 1024 } };
    const { scheduler, triggerer } = valuesOf({
      config: { ...config, scheduler: { replicas: 3, resources }, triggerer: { replicas: 0, resources } },
    });
    expect(scheduler).toEqual({
      replicas: 3,
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "500m", memory: "1024Mi" } },
    });
    expect(triggerer).toEqual({ enabled: false, persistence: { enabled: false } });
  });

  it("are those of the version", () => {
    const three = valuesOf();
    const two = valuesOf({ airflowVersion: "2.11.0" });
    for (const web of [three.apiServer, two.webserver]) expect(web).toMatchObject({ replicas: 1 });
    expect([three.webserver, two.apiServer]).toEqual([undefined, undefined]);
    expect([at(three, ["dagProcessor", "enabled"]), at(two, ["dagProcessor", "enabled"])]).toEqual([true, false]);
    expect([at(three, ["ingress", "web"]), at(two, ["ingress", "apiServer"])]).toEqual([undefined, undefined]);
    expect(three).toMatchObject({ jwtSecretName: "quiet-comet-1000-houston-jwt" });
    expect(two).toMatchObject({ webserverSecretKeySecretName: "quiet-comet-1000-houston-webserver" });
  });

  it("include a DAG processor before Airflow 3 where the platform has one", () => {
    const component = { name: "dagProcessor" as const, au: { default: 5, limit: 24 } };
    const enabled = (deployments: DeepPartial<Config["deployments"]>) =>
      at(valuesOf({ airflowVersion: "2.11.0" }, platform({ deployments })), ["dagProcessor", "enabled"]);
    expect(enabled({ components: [component] })).toBe(true);
    expect(enabled({ components: [component], dagProcessorEnabled: false })).toBe(false);
  });

  it("restart their web page with each revision while that is wanted", () => {
    const annotation = (given: object) => at(valuesOf(given), ["apiServer", "podAnnotations"]);
    expect(annotation({ webserverReboot: true })).toEqual({ "houston/restart": "7" });
    expect(annotation({})).toBeUndefined();
  });

  it("use the cloud role of the Deployment where the platform names an annotation for it", () => {
    const key = "eks.amazonaws.com/role-arn";
    const config = platform({ deployments: { serviceAccountAnnotationKey: key } });
    const values = valuesOf({ cloudRole: "arn:aws:iam::1:role/dags" }, config);
    for (const component of ["scheduler", "workers", "triggerer", "dagProcessor", "apiServer"]) {
      expect(at(values, [component, "serviceAccount", "annotations"])).toEqual({ [key]: "arn:aws:iam::1:role/dags" });
    }
    expect(at(valuesOf({ cloudRole: "arn:aws:iam::1:role/dags" }), ["scheduler", "serviceAccount"])).toBeUndefined();
  });

  it("refuse an Airflow that is too early for the chart, or not known", () => {
    expect(() => valuesOf({ airflowVersion: "2.10.5" })).toThrow(ValuesError);
    expect(() => valuesOf({ airflowVersion: "2.10.5" })).toThrow(
      "Airflow 2.10.5 cannot run: the chart needs Airflow 2.11",
    );
    expect(() => valuesOf({ airflowVersion: "2.10.5", runtimeVersion: "12.1.0" })).toThrow(
      "Airflow 2.10.5, which Runtime 12.1.0 contains, cannot run: the chart needs Airflow 2.11",
    );
    const unknown = { airflowVersion: "", runtimeVersion: "3.1-2" };
    expect(() => valuesOf(unknown)).toThrow(
      "Which Airflow version Runtime 3.1-2 contains is not known: choose another version, or name a file with its metadata.airflowVersion in deployments.astroRuntimeReleasesFile, restart Houston and choose it again",
    );
    expect(() => valuesOf(unknown, platform({ helm: { releaseVersion: "2.0.0" } }))).toThrow(
      "in deployments.runtimeManagement.astroRuntimeReleasesFile,",
    );
    expect(() => valuesOf({ airflowVersion: "2.10.5" }, platform({ flux: { profile: "astronomer" } }))).not.toThrow();
  });
});

describe("an Airflow version that is not known, with Astronomer's chart", () => {
  const config = platform({ flux: { profile: "astronomer" } });
  const airflowOf = (runtimeVersion: string) =>
    valuesOf({ airflowVersion: "", runtimeVersion }, config).airflow as Record<string, unknown>;

  it("is that of the chart", () => {
    expect(airflowOf("13.1.0")).not.toHaveProperty("airflowVersion");
    expect(airflowOf("13.1.0")).toHaveProperty("webserver.replicas", 1);
  });

  it("is Airflow 3 if the Runtime version begins with it", () => {
    const values = airflowOf("3.1-2");
    expect(values).toMatchObject({ airflowVersion: "3.1.0", apiServer: { replicas: 1 } });
    expect(values).toMatchObject({ dagProcessor: { enabled: true }, jwtSecretName: "quiet-comet-1000-houston-jwt" });
  });
});

describe("workers", () => {
  const workersOf = (given: object) => valuesOf(given).workers;

  it("of Celery have a number, a broker and Flower", () => {
    const values = valuesOf({ executor: "CeleryExecutor" });
    expect(values.workers).toMatchObject({
      celery: {
        replicas: 1,
        terminationGracePeriodSeconds: 600,
        keda: { enabled: false },
        persistence: { enabled: false },
      },
    });
    expect(values).toMatchObject({
      redis: { enabled: true, passwordSecretName: "quiet-comet-1000-houston-redis" },
      flower: { enabled: true },
      data: { brokerUrlSecretName: "quiet-comet-1000-houston-broker" },
    });
  });

  it("of other executors have neither", () => {
    for (const executor of ["LocalExecutor", "KubernetesExecutor"] as const) {
      const values = valuesOf({ executor });
      expect(values).toMatchObject({ redis: { enabled: false }, flower: { enabled: false }, executor });
      expect(values.data).toEqual({ metadataSecretName: "quiet-comet-1000-houston-metadata" });
    }
    const size = { cpu: "1000m", memory: "3840Mi" };
    expect(workersOf({ executor: "KubernetesExecutor" })).toEqual({
      kubernetes: { terminationGracePeriodSeconds: 600, resources: { requests: size, limits: size } },
    });
  });

  it("follow the number of tasks with KEDA", () => {
    expect(workersOf({ kedaEnabled: true })).toMatchObject({
      celery: { keda: { enabled: true, minReplicaCount: 0, maxReplicaCount: 1 } },
    });
  });

  it("are one set for each queue", () => {
    const workerQueues = [
      { ...queue, name: "default", isDefault: true, podCpu: "0.5", podRam: "1Gi" },
      { ...queue, name: "Machine Learning", minWorkerCount: 2, workerConcurrency: 4 },
    ];
    const values = valuesOf({ workerQueues });
    const half = { cpu: "500m", memory: "1024Mi" };
    expect(at(values, ["workers", "celery", "enableDefault"])).toBe(false);
    expect(at(values, ["workers", "celery", "sets"])).toMatchObject([
      { name: "default", queue: "default", replicas: 1, resources: { requests: half, limits: half } },
      {
        name: expect.stringMatching(/^queue-[0-9a-f]{8}$/),
        queue: "Machine Learning",
        replicas: 2,
        env: [{ name: "AIRFLOW__CELERY__WORKER_CONCURRENCY", value: "4" }],
      },
    ]);
    expect(at(values, ["config", "operators", "default_queue"])).toBe("default");
    expect(at(valuesOf({ workerQueues, kedaEnabled: true }), ["workers", "celery", "sets"])).toMatchObject([
      { keda: { minReplicaCount: 0, maxReplicaCount: 5 } },
      { keda: { minReplicaCount: 2, maxReplicaCount: 5 } },
    ]);
  });

  it("have names that Kubernetes accepts after that of the release, also as labels of KEDA", () => {
    const workerQueues = ["a".repeat(20), `${"a".repeat(19)}b`, "a".repeat(40), "gpu"].map((name) => ({
      ...queue,
      name,
    }));
    // Up to 52 characters may be the name of a StatefulSet, up to 63 a label.
    for (const [length, most] of [
      ...[10, 24, 25, 30, 36].map((short) => [short, 52]),
      ...[37, 46, 60].map((long) => [long, 63]),
    ] as const) {
      const releaseName = "r".repeat(length ?? 0);
      const sets = at(valuesOf({ releaseName, workerQueues }), ["workers", "celery", "sets"]) as { name: string }[];
      for (const { name } of sets) {
        expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
        expect(`${helmReleaseName(releaseName)}-worker-${name}`.length).toBeLessThanOrEqual(most ?? 0);
      }
      expect(new Set(sets.map(({ name }) => name)).size).toBe(4);
      expect(sets[3]?.name).toBe("gpu");
    }
  });

  it("have the concurrency of their queue, which no variable gives a second time", () => {
    const variables = [{ key: "AIRFLOW__CELERY__WORKER_CONCURRENCY", value: "9", isSecret: false }];
    const names = (values: object) => (at(values, ["env"]) as { name: string }[]).map(({ name }) => name);
    const workerQueues = [{ ...queue, name: "default", isDefault: true }];
    expect(names(valuesOf({ variables, workerQueues }))).not.toContain("AIRFLOW__CELERY__WORKER_CONCURRENCY");
    expect(names(valuesOf({ variables }))).toContain("AIRFLOW__CELERY__WORKER_CONCURRENCY");
  });

  it("of Astronomer's chart are one set, so several queues are refused", () => {
    const config = platform({ flux: { profile: "astronomer" } });
    const one = { ...queue, name: "default", isDefault: true };
    const values = valuesOf({ workerQueues: [one] }, config);
    expect(at(values, ["airflow", "workers"])).toMatchObject({ replicas: 1, keda: { enabled: false } });
    expect(at(values, ["airflow", "config", "operators"])).toEqual({ default_queue: "default" });
    expect(() => valuesOf({ workerQueues: [one, { ...one, name: "other" }] }, config)).toThrow(ValuesError);
  });
});

describe("DAGs", () => {
  const gitSyncOf = (dagDeployment: object) =>
    at(valuesOf({ dagDeployment: { type: "git_sync", ...dagDeployment } }), ["dags", "gitSync"]);

  it("come from Git over SSH", () => {
    const sync = gitSyncOf({
      ...{ repositoryUrl: "git@git.example.com:a/b.git", branchName: "main", dagDirectoryLocation: "/my/dags/" },
      ...{ sshKey: "secret key", knownHosts: "git.example.com ssh-ed25519 A", syncInterval: 30, syncTimeout: 90 },
      ephemeralStorage: 3,
    });
    expect(sync).toMatchObject({
      ...{ enabled: true, repo: "git@git.example.com:a/b.git", ref: "main", branch: "main", subPath: "my/dags" },
      ...{ period: "30s", sshKeySecret: "quiet-comet-1000-houston-git", knownHosts: "git.example.com ssh-ed25519 A" },
      emptyDirConfig: { sizeLimit: "3Gi" },
      env: [{ name: "GITSYNC_SYNC_TIMEOUT", value: "90s" }],
    });
    expect(sync).not.toHaveProperty("credentialsSecret");
    expect(JSON.stringify(sync)).not.toContain("secret key");
  });

  it("come from Git over HTTPS, of a tag or of the default branch", () => {
    const repositoryUrl = "https://git.example.com/a/b.git";
    const withToken = gitSyncOf({ repositoryUrl, branchName: "main", rev: "v1", httpsToken: "secret token" });
    expect(withToken).toMatchObject({ ref: "v1", credentialsSecret: "quiet-comet-1000-houston-git", subPath: "" });
    expect(JSON.stringify(withToken)).not.toContain("secret token");
    const open = gitSyncOf({ repositoryUrl });
    expect(open).toMatchObject({ ref: "HEAD" });
    expect(open).not.toHaveProperty("credentialsSecret");
  });

  it("come from a volume, where the image has its DAGs", () => {
    const dagDeployment: WantedDeployment["dagDeployment"] = { type: "volume", nfsLocation: "[fd00::1]:/exports/dags" };
    const values = valuesOf({ dagDeployment });
    const name = "houston-dags";
    expect(values.volumes).toContainEqual({ name, nfs: { server: "fd00::1", path: "/exports/dags", readOnly: true } });
    expect(values.volumeMounts).toContainEqual({ name, mountPath: "/opt/airflow/dags", readOnly: true });
    const runtime = valuesOf({ dagDeployment, runtimeVersion: "3.2-1" });
    expect(runtime.volumeMounts).toContainEqual({ name, mountPath: "/usr/local/airflow/dags", readOnly: true });
  });

  it("cannot come in ways that the chart does not have", () => {
    const dagOnly = { dagDeployment: { type: "dag_deploy" as const } };
    expect(() => valuesOf(dagOnly)).toThrow(ValuesError);
    const astronomer = valuesOf(dagOnly, platform({ flux: { profile: "astronomer" } }));
    expect(at(astronomer, ["dagDeploy", "enabled"])).toBe(true);
    const repositoryUrl = "https://git.example.com/a/b.git";
    expect(() => gitSyncOf({ repositoryUrl, gitSyncRepoFetchMode: "webhook" })).toThrow(ValuesError);
  });
});

describe("environment variables", () => {
  const variables = [
    { key: "PLAIN", value: "$(HOME) $$", isSecret: false },
    { key: "SECRET", value: "canary", isSecret: true },
  ];

  it("are in the values, and secret ones in a Secret", () => {
    const values = valuesOf({ variables });
    expect(values.env).toContainEqual({ name: "PLAIN", value: "$$(HOME) $$$$" });
    expect(values.secret).toEqual([
      { envName: "SECRET", secretName: "quiet-comet-1000-houston-environment", secretKey: "SECRET" },
    ]);
    expect(JSON.stringify(values)).not.toContain("canary");
    expect(values.airflowPodAnnotations).toEqual({ "houston/secrets": "digest" });
  });

  it("cannot replace those with which Airflow admits visitors", () => {
    const values = valuesOf({ variables: [{ key: "AIRFLOW__HOUSTON__AUDIENCE", value: "other", isSecret: true }] });
    expect(values.secret).toEqual([]);
    expect(values.env).toContainEqual({
      ...{ name: "AIRFLOW__HOUSTON__AUDIENCE", value: "quiet-comet-1000-airflow.example.com" },
    });
  });

  it("replace what the chart sets from its Secrets", () => {
    const key = "AIRFLOW__CORE__FERNET_KEY";
    const values = valuesOf({ variables: [{ key, value: "own", isSecret: true }] });
    expect(values.enableBuiltInSecretEnvVars).toEqual({ [key]: false });
    expect(valuesOf()).not.toHaveProperty("enableBuiltInSecretEnvVars");
  });

  it("replace it also where Airflow's database is migrated", () => {
    const takesThem = (given: Parameters<typeof valuesOf>[0]) =>
      at(valuesOf(given), ["migrateDatabaseJob", "applyCustomEnv"]);
    const key = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN";
    expect(takesThem({ variables: [{ key, value: "postgresql://own", isSecret: true }] })).toBe(true);
    expect(takesThem({ variables: [{ key: "OTHER", value: "postgresql://own", isSecret: true }] })).toBe(false);
  });

  it("are in no pod twice: those of the operator win", () => {
    const env = [{ name: "HTTP_PROXY", value: "http://proxy:3128" }];
    for (const profile of ["apache", "astronomer"] as const) {
      const config = platform({ ...withHelm({ airflow: { env } }), flux: { profile } });
      for (const isSecret of [true, false]) {
        const values = valuesOf({ variables: [{ key: "HTTP_PROXY", value: "http://own", isSecret }] }, config);
        const { secret, env: plain } = (profile === "apache" ? values : values.airflow) as Record<string, object[]>;
        expect(secret).toEqual([]);
        expect(plain).toContainEqual(env[0]);
      }
    }
    const concurrency = { name: "AIRFLOW__CELERY__WORKER_CONCURRENCY", value: "8" };
    const config = platform(withHelm({ airflow: { env: [concurrency] } }));
    const values = valuesOf({ workerQueues: [{ ...queue, name: "default", isDefault: true }] }, config);
    expect(values.env).toContainEqual(concurrency);
    expect(at(values, ["workers", "celery", "sets"])).toEqual([
      expect.not.objectContaining({ env: expect.anything() }),
    ]);
  });

  it("may extend the path of Python", () => {
    const values = valuesOf({ variables: [{ key: "PYTHONPATH", value: "/own", isSecret: false }] });
    expect(values.env).toContainEqual({ name: "PYTHONPATH", value: "/opt/houston:/own" });
  });
});

describe("sign-in", () => {
  const annotations = ["ingress", "apiServer", "annotations"];

  it("asks Houston about each request to the web page", () => {
    expect(at(valuesOf(), ["ingress", "apiServer"])).toEqual({
      enabled: true,
      annotations: {
        "nginx.ingress.kubernetes.io/auth-url": "https://houston.example.com/v1/authorization",
        "nginx.ingress.kubernetes.io/auth-signin": "https://app.example.com/login",
        "nginx.ingress.kubernetes.io/auth-response-headers": "authorization, username, email",
      },
      path: "/quiet-comet-1000/airflow",
      pathType: "Prefix",
      hosts: [{ name: "deployments.example.com", tls: { enabled: false } }],
    });
    expect(at(valuesOf(), ["ingress", "flower", "path"])).toBe("/quiet-comet-1000/flower");
  });

  it("uses the address of Houston within the cluster, the class and the certificate of the platform", () => {
    const config = platform({
      deployments: {
        houstonUrl: "http://houston.astronomer.svc:8871/",
        ingress: { className: "traefik", tlsSecretName: "tls", annotations: { team: "blue" }, namespaces: ["edge"] },
      },
    });
    const values = valuesOf({}, config);
    expect(at(values, annotations)).toMatchObject({
      "nginx.ingress.kubernetes.io/auth-url": "http://houston.astronomer.svc:8871/v1/authorization",
      team: "blue",
    });
    expect(values.env).toContainEqual({
      name: "AIRFLOW__HOUSTON__JWKS_URL",
      value: "http://houston.astronomer.svc:8871/v1/.well-known/jwks.json",
    });
    expect(at(values, ["ingress", "apiServer"])).toMatchObject({
      ingressClassName: "traefik",
      hosts: [{ name: "deployments.example.com", tls: { enabled: true, secretName: "tls" } }],
    });
    const from = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "edge" } } }];
    expect(values).toMatchObject({
      networkPolicies: { enabled: true },
      apiServer: { networkPolicy: { ingress: { from } } },
      flower: { networkPolicy: { ingress: { from } } },
    });
  });

  it("is known to Airflow, with the package that verifies Houston's tokens", () => {
    const mount = { name: "houston-sign-in", mountPath: "/opt/houston/houston_airflow_auth", readOnly: true };
    const three = valuesOf();
    expect(three.config).toEqual({
      core: { auth_manager: "houston_airflow_auth.auth_manager.HoustonAuthManager" },
      api: { base_url: "https://deployments.example.com/quiet-comet-1000/airflow" },
    });
    expect(three.volumeMounts).toEqual([mount]);
    const two = valuesOf({ airflowVersion: "2.11.0" });
    expect(two.config).toEqual({
      webserver: { base_url: "https://deployments.example.com/quiet-comet-1000/airflow" },
    });
    expect(at(two, ["webserver", "webserverConfig"])).toBe(signIn.webserverConfig);
    expect(two.volumeMounts).toEqual([mount]);
  });

  it("is left to Airflow in versions that do not take Houston's tokens", () => {
    const values = valuesOf({ airflowVersion: "3.1.8" });
    expect(values.config).toEqual({ api: { base_url: expect.any(String) } });
    expect(values.env).toEqual([]);
    expect(values).not.toHaveProperty("volumes");
    expect(Object.keys(at(values, annotations) as object)).toEqual([
      "nginx.ingress.kubernetes.io/auth-url",
      "nginx.ingress.kubernetes.io/auth-signin",
    ]);
  });

  it("has no ingress on platforms that have none", () => {
    const values = valuesOf({}, platform(withHelm({ ingress: { enabled: false } })));
    expect([at(values, ["ingress", "apiServer", "enabled"]), at(values, ["ingress", "flower", "enabled"])]).toEqual([
      false,
      false,
    ]);
  });
});

describe("quotas", () => {
  it("leave room for an update and for the extra capacity", () => {
    const quotaOf = (extraAu: number) => {
      const {
        pods,
        "limits.cpu": cpu,
        "limits.memory": memory,
      } = valuesOf({ extraAu }).quotas as Record<string, string>;
      return [pods, cpu, memory].map((quantity) => Number.parseInt(quantity ?? "", 10)) as [number, number, number];
    };
    const [pods, cpu, memory] = quotaOf(0);
    const { scheduler, apiServer, triggerer, dagProcessor, statsd, redis, flower, workers } = valuesOf();
    const all = [scheduler, apiServer, triggerer, dagProcessor, statsd, redis, flower, at(workers, ["celery"])];
    const needed = all.map((one) => Number.parseInt(String(at(one, ["resources", "limits", "cpu"])), 10));
    expect(pods).toBeGreaterThanOrEqual(2 * all.length);
    expect(cpu).toBeGreaterThanOrEqual(2 * needed.reduce((sum, one) => sum + one, 0));
    expect(quotaOf(10)).toEqual([pods + 10, cpu + 1000, memory + 3840]);
  });

  it("admit pods for tasks that were allowed to be larger than the platform allows now", () => {
    const { config } = wantedDeployment();
    const amount = { cpu: 9_000, memory: 40_000 };
    const workers = { replicas: 1, resources: { requests: amount, limits: amount } };
    for (const executor of ["CeleryExecutor", "KubernetesExecutor"] as const) {
      const values = valuesOf({ config: { ...config, executor, workers } });
      expect(values.limits).toMatchObject([{ max: { cpu: "9000m", memory: "40000Mi" } }]);
    }
    const local = valuesOf({ config: { ...config, executor: "LocalExecutor", workers } });
    expect(local.limits).not.toMatchObject([{ max: { cpu: "9000m" } }]);
  });

  it("do not apply where Deployments share a namespace, and where the platform has none", () => {
    for (const given of [
      { helm: { singleNamespace: true } },
      { deployments: { disableManageResourceQuotasAndLimitRanges: true } },
    ]) {
      expect(valuesOf({}, platform(given))).toMatchObject({ quotas: {}, limits: [] });
    }
  });
});

describe("deployments.helm", () => {
  it("is laid over the values, and lists of named things by their names", () => {
    const airflow = {
      uid: 1000,
      securityContexts: { pod: { runAsNonRoot: true } },
      scheduler: { replicas: 9 },
      env: [{ name: "HTTP_PROXY", value: "http://proxy" }],
      pgbouncer: { enabled: true, configSecretName: "own" },
      quotas: null,
    };
    const values = valuesOf(
      { variables: [{ key: "A", value: "1", isSecret: false }] },
      platform(withHelm({ airflow })),
    );
    expect(values).toMatchObject({
      ...{ uid: 1000, securityContexts: { pod: { runAsNonRoot: true } }, quotas: null },
      scheduler: { replicas: 9, resources: expect.anything() },
      pgbouncer: { enabled: true, configSecretName: "own" },
    });
    expect(values.env).toEqual(expect.arrayContaining([{ name: "A", value: "1" }, airflow.env[0]]));
  });

  it("changes nothing by its defaults", () => {
    expect(helmOverrides(platform().deployments)).toEqual({});
    expect(valuesOf()).toMatchObject({ pgbouncer: { enabled: false } });
    expect(valuesOf()).not.toHaveProperty("uid");
  });

  it("counts as overridden for one Deployment", () => {
    const config = platform(withHelm({ airflow: { uid: 1, gid: 2 } }));
    const settings = settingsWith(config.deployments, [{ helm: { airflow: { uid: 3 } } }]);
    expect(valuesOf({ settings }, config)).toMatchObject({ uid: 3, gid: 2 });
  });

  it("is laid over all values of Astronomer's chart", () => {
    const config = configFrom({
      flux: { profile: "astronomer" },
      ...withHelm({ sccEnabled: true, airflow: { uid: 1 } }),
      helm: { baseDomain: "example.com", releaseName: "apc", releaseNamespace: "astronomer" },
    });
    expect(valuesOf({}, config)).toMatchObject({
      sccEnabled: true,
      airflow: {
        uid: 1,
        executor: "CeleryExecutor",
        webserverSecretKeySecretName: "quiet-comet-1000-houston-webserver",
      },
      ingress: { enabled: true, baseDomain: "example.com" },
      platform: { release: "apc", namespace: "astronomer" },
      authSidecar: { enabled: false, port: 8084 },
      dagDeploy: { enabled: false },
    });
    expect(at(valuesOf({}, config), ["airflow", "env"])).toEqual([]);
  });
});
