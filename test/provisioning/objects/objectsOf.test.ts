import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Config, DeepPartial } from "../../../src/platform/config/config.ts";
import type { KubernetesObject } from "../../../src/platform/kubernetes/kubernetes.ts";
import { objectsDigest } from "../../../src/services/provisioning/objects/digestOf.ts";
import type { ObjectsContext } from "../../../src/services/provisioning/objects/objectsContext.ts";
import { objectsOf } from "../../../src/services/provisioning/objects/objectsOf.ts";
import type {
  ReleaseConnections,
  ReleaseKeys,
  WantedDeployment,
} from "../../../src/services/provisioning/wanted/wanted.ts";
import { connections, keys, platform, signIn, wantedDeployment } from "../wantedDeployment.ts";

interface Given {
  deployment?: Parameters<typeof wantedDeployment>[1];
  config?: DeepPartial<Config>;
  keys?: Partial<ReleaseKeys>;
  connections?: Partial<ReleaseConnections>;
  context?: Partial<ObjectsContext>;
}

function wantedObjects(given: Given = {}) {
  const config = platform(given.config);
  return objectsOf(
    wantedDeployment(config, given.deployment),
    { ...keys, ...given.keys },
    { ...connections, ...given.connections },
    { config, signIn, onFailedUpgrade: "rollback", ...given.context },
  );
}

const applied = (given?: Given) => wantedObjects(given).objects;
const releaseOf = (given?: Given) => applied(given).at(-1);

function secretOf(objects: readonly KubernetesObject[], name: string) {
  const found = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name);
  return found && Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, atob(value)]));
}

const valuesOf = (objects: readonly KubernetesObject[]) =>
  parse(secretOf(objects, "quiet-comet-1000-values")?.["values.yaml"] ?? "");

describe("the objects of a Deployment", () => {
  it("are its Namespace, its Secrets and its HelmRelease, in this order", () => {
    const kinds = applied().map(({ kind }) => kind);
    expect(kinds).toEqual(["Namespace", ...kinds.slice(2).map(() => "Secret"), "HelmRelease"]);
    expect(kinds.length).toBeGreaterThan(10);
  });

  it("say whose they are", () => {
    for (const { kind, metadata } of applied()) {
      expect(metadata.labels, metadata.name).toMatchObject({
        "app.kubernetes.io/managed-by": "houston",
        "platform-release": "astronomer",
        workspace: "clworkspace00000000000000",
        deployment: "quiet-comet-1000",
        "houston/deployment": "cldeployment0000000000000",
      });
      expect(metadata.namespace).toBe(kind === "Namespace" ? undefined : "astronomer-quiet-comet-1000");
      expect(metadata.name.length).toBeLessThanOrEqual(253);
    }
    expect(valuesOf(applied()).labels).toMatchObject({ "houston/deployment": "cldeployment0000000000000" });
  });

  it("have a Namespace with the labels of the platform, unless somebody else creates it", () => {
    const kindsOf = (config: DeepPartial<Config>) => applied({ config }).map(({ kind }) => kind);
    const [namespace] = applied({ config: { deployments: { namespaceLabels: { team: "blue" } } } });
    expect(namespace?.metadata).toMatchObject({ name: "astronomer-quiet-comet-1000", labels: { team: "blue" } });
    expect(kindsOf({ kubernetes: { namespaced: true } })).not.toContain("Namespace");
    expect(kindsOf({ helm: { singleNamespace: true } })).not.toContain("Namespace");
    expect(kindsOf({ deployments: { preCreatedNamespaces: ["astronomer-quiet-comet-1000"] } })).not.toContain(
      "Namespace",
    );
  });

  it("keep each secret under the key that the chart reads", () => {
    const dockerconfigjson = { auths: { "registry.example.com": { auth: "x" } } };
    const objects = applied({
      deployment: { dockerconfigjson, variables: [{ key: "TOKEN", value: "ü", isSecret: true }] },
    });
    const secret = (name: string) => secretOf(objects, `quiet-comet-1000-houston-${name}`);
    expect(secret("registry")).toEqual({ ".dockerconfigjson": JSON.stringify(dockerconfigjson) });
    expect(secret("metadata")).toEqual({ connection: connections.metadata });
    expect(secret("result-backend")).toEqual({ connection: connections.resultBackend });
    expect(secret("broker")).toEqual({ connection: connections.broker });
    expect(secret("redis")).toEqual({ password: "redis-password" });
    expect(secret("fernet")).toEqual({ "fernet-key": keys.fernetKey });
    expect(secret("webserver")).toEqual({ "webserver-secret-key": "webserver-secret" });
    expect(secret("api")).toEqual({ "api-secret-key": "webserver-secret" });
    expect(secret("jwt")).toEqual({ "jwt-secret": "jwt-secret" });
    expect(Buffer.from(secret("environment")?.TOKEN ?? "", "latin1").toString()).toBe("ü");
    expect(secret("sign-in")).toHaveProperty(["auth_manager.py"]);
    const types = objects.map(({ metadata, type }) => [metadata.name, type]);
    expect(types).toContainEqual(["quiet-comet-1000-houston-registry", "kubernetes.io/dockerconfigjson"]);
  });

  it("keep secrets whose names Kubernetes does not allow for a key", () => {
    const key = "K".repeat(255);
    const variables = [key, `${key.slice(0, -1)}L`].map((key) => ({ key, value: key, isSecret: true }));
    const objects = applied({ deployment: { variables } });
    const secret = secretOf(objects, "quiet-comet-1000-houston-environment") ?? {};
    for (const name of Object.keys(secret)) expect(name).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
    const read = (valuesOf(objects).secret as { envName: string; secretKey: string }[]).map(
      ({ envName, secretKey }) => [envName, secret[secretKey]],
    );
    expect(read).toEqual(variables.map(({ key }) => [key, key]));
  });

  it("keep credentials for Git under the names of git-sync", () => {
    const gitOf = (dagDeployment: object) =>
      secretOf(
        applied({ deployment: { dagDeployment: { type: "git_sync", ...dagDeployment } } }),
        "quiet-comet-1000-houston-git",
      );
    const ssh = { repositoryUrl: "git@git.example.com:a/b.git" };
    expect(gitOf({ ...ssh, sshKey: "key\n\n" })).toEqual({ gitSshKey: "key\n" });
    expect(gitOf({ ...ssh, sshKey: "key" })).toEqual({ gitSshKey: "key\n" });
    const https = { repositoryUrl: "https://git.example.com/a/b.git", httpsToken: "token" };
    expect(gitOf({ ...https, httpsUsername: "ci" })).toEqual({
      ...{ GIT_SYNC_USERNAME: "ci", GIT_SYNC_PASSWORD: "token" },
      ...{ GITSYNC_USERNAME: "ci", GITSYNC_PASSWORD: "token" },
    });
    expect(gitOf(https)).toMatchObject({ GITSYNC_USERNAME: "git" });
    expect(gitOf({ repositoryUrl: https.repositoryUrl })).toBeUndefined();
  });

  it("have values that the YAML of Flux reads as they are", () => {
    // It refuses most control characters, and takes a line break of its own kind for a space.
    const value = "a\u007f\u0080\u0085\u009f\ufffe\uffffb \u2028\ufeff 😀 ü";
    const helm = { airflow: { env: [{ name: "PLAIN", value }] } };
    const objects = applied({ config: { deployments: { helm } } as DeepPartial<Config> });
    const found = objects.find(({ metadata }) => metadata.name === "quiet-comet-1000-values");
    const written = Buffer.from(found?.data?.["values.yaml"] ?? "", "base64").toString();
    expect(parse(written).env).toContainEqual({ name: "PLAIN", value });
    expect(written.match(/[^\n\u0020-\u007e\u00a0-\ufffd\u{10000}-\u{10ffff}]/gu)).toBeNull();
  });

  it("have no Secrets that nothing reads, and list all names that there may be", () => {
    const { objects, secretNames } = wantedObjects({
      deployment: { executor: "LocalExecutor" },
      connections: { broker: null },
    });
    const present = objects.filter(({ kind }) => kind === "Secret").map(({ metadata }) => metadata.name);
    for (const absent of ["registry", "broker", "redis", "result-backend", "git", "environment"]) {
      expect(present).not.toContain(`quiet-comet-1000-houston-${absent}`);
      expect(secretNames).toContain(`quiet-comet-1000-houston-${absent}`);
    }
    expect(present.filter((name) => !secretNames.includes(name))).toEqual([]);
  });
});

describe("the HelmRelease", () => {
  it("names the chart, the values and the revision", () => {
    expect(releaseOf()).toMatchObject({
      apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease",
      metadata: { name: "quiet-comet-1000", annotations: { "houston/desired-revision": "7" } },
      spec: {
        releaseName: "quiet-comet-1000",
        chart: {
          spec: {
            ...{ chart: "airflow", version: "1.22.0" },
            sourceRef: { kind: "HelmRepository", name: "apache-airflow", namespace: "flux-system" },
          },
        },
        ...{ interval: "30m", timeout: "20m" },
        valuesFrom: [{ kind: "Secret", name: "quiet-comet-1000-values", valuesKey: "values.yaml" }],
        uninstall: { deletionPropagation: "foreground" },
      },
    });
  });

  it("changes in each revision, with the name of the job that Kubernetes does not allow changing", () => {
    const job = (revision: number) => JSON.stringify(releaseOf({ deployment: { revision } })?.spec?.postRenderers);
    expect(job(7)).toContain("quiet-comet-1000-db-7");
    expect(job(8)).toContain("quiet-comet-1000-db-8");
    // Otherwise Flux would begin an upgrade with the new values before it has the new name.
    const labels = applied().flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}));
    expect(labels).not.toContain("reconcile.fluxcd.io/watch");
  });

  it("follows the settings", () => {
    const flux = { sourceKind: "OCIRepository", sourceName: "chart", sourceNamespace: "platform" } as const;
    const spec = releaseOf({
      config: {
        flux: { ...flux, interval: "5m", timeout: "40m", serviceAccountName: "deployer", driftDetection: "enabled" },
      },
    })?.spec;
    expect(spec).toMatchObject({
      chartRef: { kind: "OCIRepository", name: "chart", namespace: "platform" },
      ...{ interval: "5m", timeout: "40m", serviceAccountName: "deployer", driftDetection: { mode: "enabled" } },
    });
    expect(spec).not.toHaveProperty("chart");
    expect(releaseOf()?.spec).not.toHaveProperty("serviceAccountName");
  });

  it("is tried again after a failed upgrade, or goes back to what ran before", () => {
    expect(releaseOf({ context: { onFailedUpgrade: "retry" } })?.spec).toMatchObject({
      install: { createNamespace: false, strategy: { name: "RetryOnFailure" } },
      upgrade: { strategy: { name: "RetryOnFailure" } },
    });
    expect(releaseOf({ context: { onFailedUpgrade: "rollback" } })?.spec).toMatchObject({
      install: { createNamespace: false, strategy: { name: "RetryOnFailure" } },
      upgrade: {
        strategy: { name: "RemediateOnFailure" },
        remediation: { strategy: "rollback", remediateLastFailure: true },
      },
    });
  });

  it("has a name with which Kubernetes accepts the objects of the chart, as unique as that of the Deployment", () => {
    const named = (releaseName: string) => releaseOf({ deployment: { releaseName } });
    const [one, other] = [`${"a".repeat(60)}-1`, `${"a".repeat(60)}-2`].map(named);
    expect(one?.metadata.name).toBe(`${"a".repeat(60)}-1`);
    expect(one?.spec?.releaseName).toMatch(/^[a-z0-9-]{1,46}$/);
    expect(one?.spec?.releaseName).not.toBe(other?.spec?.releaseName);
    expect(named("a".repeat(46))?.spec?.releaseName).toBe("a".repeat(46));
  });
});

describe("pods restart", () => {
  const digestOf = (given?: Given) => valuesOf(applied(given)).airflowPodAnnotations["houston/secrets"];
  const variables = (value: string, isSecret = true) => ({
    deployment: { variables: [{ key: "TOKEN", value, isSecret }] } satisfies Partial<WantedDeployment>,
  });

  it("with a new value of any secret that they read", () => {
    const before = digestOf(variables("old"));
    expect(digestOf(variables("old"))).toBe(before);
    expect(digestOf(variables("new"))).not.toBe(before);
    expect(digestOf({ ...variables("old"), connections: { metadata: "postgresql://u:new@db/quiet" } })).not.toBe(
      before,
    );
    expect(digestOf({ ...variables("old"), keys: { jwtSecret: "new" } })).not.toBe(before);
  });

  it("not because of credentials that only nodes use", () => {
    expect(digestOf({ deployment: { dockerconfigjson: { auths: {} } } })).toBe(digestOf());
  });
});

describe("objectsDigest", () => {
  const digestOf = (given?: Given) => objectsDigest(applied(given));

  it("is that of the objects, whatever the order of keys", () => {
    const [first, ...others] = applied();
    const reversed = first && (Object.fromEntries(Object.entries(first).reverse()) as unknown as KubernetesObject);
    expect(reversed && objectsDigest([reversed, ...others])).toBe(digestOf());
  });

  it("differs as soon as there is anything to apply", () => {
    const digests = [
      digestOf(),
      digestOf({ deployment: { image: "a:1" } }),
      digestOf({ deployment: { image: "a:2" } }),
      digestOf({ deployment: { executor: "LocalExecutor" } }),
      digestOf({ deployment: { dockerconfigjson: {} } }),
      digestOf({ context: { onFailedUpgrade: "retry" } }),
      digestOf({ config: { flux: { interval: "1h" } } }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
