import { describe, expect, it } from "vitest";
import {
  containerOf,
  environmentOf,
  example,
  type Pod,
  podLabels,
  podOf,
  render,
  type Values,
} from "../support/chart.ts";

const deployment = (values: Values = {}) => render(values).only("Deployment");
const pod = (values: Values = {}): Pod => podOf(deployment(values));
const container = (values: Values = {}) => containerOf(deployment(values));
const everything = example("everything.yaml");

describe("deployment.yaml", () => {
  it("starts two pods of the version of the chart, and never fewer during an update", () => {
    expect(deployment().spec).toMatchObject({
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    expect(container()).toMatchObject({ image: "houston:0.1.0", imagePullPolicy: "IfNotPresent" });
    expect(container()).not.toHaveProperty("command");
  });

  it("takes a tag, and a digest before it", () => {
    const [tag, digest] = ["1.2.3", `sha256:${"0".repeat(64)}`];
    expect(container({ image: { tag } }).image).toBe("houston:1.2.3");
    expect(container({ image: { tag, digest } }).image).toBe(`houston@${digest}`);
  });

  it("leaves the number of pods to the autoscaler", () => {
    expect(deployment({ autoscaling: { enabled: true }, replicas: 5 }).spec).not.toHaveProperty("replicas");
  });

  it("serves clients on port 8871, and has all probes on port 8872", () => {
    const probe = (path: string) => ({ httpGet: { path, port: "operations" } });
    expect(container()).toMatchObject({
      ports: [
        { name: "http", containerPort: 8871 },
        { name: "operations", containerPort: 8872 },
      ],
      startupProbe: probe("/healthz"),
      readinessProbe: probe("/readyz"),
      livenessProbe: probe("/healthz"),
    });
  });

  it("gives Houston the time to start that was set", () => {
    expect(container().startupProbe).toMatchObject({ periodSeconds: 2, failureThreshold: 150 });
    expect(container(everything).startupProbe).toMatchObject({ periodSeconds: 2, failureThreshold: 451 });
  });

  it("waits for the end longer than Houston drains", () => {
    const seconds = (webserver: object) => pod({ config: { webserver } }).terminationGracePeriodSeconds;
    expect(seconds({})).toBe(30);
    expect(seconds({ drainDelay: 0 })).toBe(25);
    expect(seconds({ drainDelay: 10_000, drainTimeout: 40_500 })).toBe(56);
  });

  it("restarts pods when config.yaml changes, and only then", () => {
    const checksum = (values: Values) => deployment(values).spec.template?.metadata.annotations?.["checksum/config"];
    expect(checksum({ config: { publicSignups: true } })).not.toBe(checksum({}));
    expect(checksum({ provisioning: { enabled: true } })).not.toBe(checksum({}));
    expect(checksum({ replicas: 3 })).toBe(checksum({}));
  });

  it("passes secrets as files of existing Secrets", () => {
    expect(environmentOf(container())).toEqual({
      CONFIG_FILE: "/etc/houston/config.yaml",
      DATABASE_URL_FILE: "/etc/houston/secrets/DATABASE_URL",
      JWT__SECRET_FILE: "/etc/houston/secrets/JWT__SECRET",
      ENCRYPTION__KEYS_FILE: "/etc/houston/secrets/ENCRYPTION__KEYS",
    });
    expect(sources(pod())).toEqual({
      DATABASE_URL: "houston/databaseUrl",
      JWT__SECRET: "houston/jwtSecret",
      ENCRYPTION__KEYS: "houston/encryptionKeys",
    });
    expect(sources(pod(everything))).toEqual({
      DATABASE_URL: "database/uri",
      JWT__SECRET: "keys/jwt",
      ENCRYPTION__KEYS: "keys/encryption",
      EMAIL__SMTP_URL: "smtp/url",
      AUTH__OPENID_CONNECT__OKTA__CLIENT_SECRET: "okta/clientSecret",
      AUTH__SETUP_TOKEN: "keys/setup-token",
      DEPLOYMENTS__DATABASE__CONNECTION__PASSWORD: "deployment-database/password",
    });
    expect(environmentOf(container(everything))).toMatchObject({
      EMAIL__SMTP_URL_FILE: "/etc/houston/secrets/EMAIL__SMTP_URL",
      AUTH__SETUP_TOKEN_FILE: "/etc/houston/secrets/AUTH__SETUP_TOKEN",
    });
  });

  it("takes the kubeconfig of another cluster from a Secret, and reads it again when it changes", () => {
    const values = example("remote.yaml");
    expect(sources(pod(values))).toMatchObject({ KUBECONFIG: "airflow-cluster/config" });
    expect(environmentOf(container(values))).toMatchObject({
      KUBERNETES__KUBECONFIG: "/etc/houston/secrets/KUBECONFIG",
    });
    // Kubernetes updates files of a volume, but none that are mounted by subPath.
    const mounts = container(values).volumeMounts.filter(({ mountPath }) => mountPath === "/etc/houston/secrets");
    expect(mounts).toEqual([{ name: "secrets", mountPath: "/etc/houston/secrets", readOnly: true }]);
  });

  it("mounts config.yaml, and a folder for e-mails as the only writable one", () => {
    const { volumes } = pod();
    expect(container().volumeMounts).toContainEqual({
      ...{ name: "config", mountPath: "/etc/houston/config.yaml", subPath: "config.yaml", readOnly: true },
    });
    expect(volumes).toContainEqual({ name: "config", configMap: { name: "houston" } });
    const writable = container().volumeMounts.filter(({ readOnly }) => !readOnly);
    expect(writable).toEqual([{ name: "data", mountPath: "/houston/data" }]);
    expect(volumes).toContainEqual({ name: "data", emptyDir: { sizeLimit: "256Mi" } });
  });

  it("has a token of its service account only to provision Deployments on this cluster", () => {
    const token = (values: Values) => pod(values).automountServiceAccountToken;
    expect(token({})).toBe(false);
    expect(token({ provisioning: { enabled: true } })).toBe(true);
    expect(token(example("namespaces.yaml"))).toBe(true);
    expect(token(example("remote.yaml"))).toBe(false);
  });

  it("runs as the service account that was named or created", () => {
    expect(pod().serviceAccountName).toBe("houston");
    expect(pod({ serviceAccount: { name: "own" } }).serviceAccountName).toBe("own");
    expect(pod({ serviceAccount: { create: false } }).serviceAccountName).toBe("default");
    expect(pod(example("remote.yaml")).serviceAccountName).toBe("platform");
  });

  it("leaves users to platforms that assign them", () => {
    const { securityContext } = pod(example("namespaces.yaml"));
    expect(securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod().securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
  });

  it("spreads pods over nodes and zones", () => {
    const spread = (topologyKey: string, whenUnsatisfiable: string) => ({
      ...{ topologyKey, whenUnsatisfiable, maxSkew: 1, matchLabelKeys: ["pod-template-hash"] },
      labelSelector: deployment().spec.selector,
    });
    expect(pod().topologySpreadConstraints).toEqual([
      spread("kubernetes.io/hostname", "ScheduleAnyway"),
      spread("topology.kubernetes.io/zone", "ScheduleAnyway"),
    ]);
    expect(pod(everything).topologySpreadConstraints).toEqual([spread("topology.kubernetes.io/zone", "DoNotSchedule")]);
    expect(pod(example("remote.yaml"))).not.toHaveProperty("topologySpreadConstraints");
  });

  it("passes on what the operator wants of pods", () => {
    expect(pod(everything)).toMatchObject({
      imagePullSecrets: everything.imagePullSecrets,
      nodeSelector: everything.nodeSelector,
      tolerations: everything.tolerations,
      affinity: everything.affinity,
      priorityClassName: "platform",
      volumes: expect.arrayContaining(everything.extraVolumes as unknown[]),
    });
    expect(container(everything)).toMatchObject({
      imagePullPolicy: "Always",
      resources: everything.resources,
      env: expect.arrayContaining(everything.extraEnv as unknown[]),
      volumeMounts: expect.arrayContaining(everything.extraVolumeMounts as unknown[]),
    });
    expect(deployment(everything).spec.template?.metadata.annotations).toMatchObject({ "example.com/e": "f" });
  });

  it("has the labels of the operator, but selects pods by its own", () => {
    const mine = { podLabels: { team: "platform", "app.kubernetes.io/name": "other" } };
    expect(podLabels(deployment(mine))).toMatchObject({ team: "platform", "app.kubernetes.io/name": "houston" });
    expect(deployment(mine).spec.selector).toEqual(deployment().spec.selector);
  });

  it("sets no variables for the Services of the namespace", () => {
    expect(pod().enableServiceLinks).toBe(false);
  });

  it.each(["123", "a.b", "x".repeat(53)])("has valid names in a release called %s", (release) => {
    const { all } = render(everything, { release });
    for (const { metadata } of all) {
      expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(metadata.labels["app.kubernetes.io/instance"]).toBe(release);
    }
  });
});

/** The keys of Secrets that a pod has as files: `name/key` by the name of the file. */
function sources({ volumes }: Pod): Record<string, string> {
  const volume = volumes.find(({ name }) => name === "secrets") as unknown as {
    projected: { sources: { secret: { name: string; items: { key: string; path: string }[] } }[] };
  };
  return Object.fromEntries(
    volume.projected.sources.flatMap(({ secret: { name, items } }) =>
      items.map(({ key, path }) => [path, `${name}/${key}`]),
    ),
  );
}
