import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isFree, names } from "../../src/platform/config/settings.ts";
import { setAt } from "../../src/platform/config/tree.ts";
import { chart, refusal, render, type Values } from "../support/chart.ts";

/** `{ ingress: { hosts: […] } }` for `ingress.hosts`. */
function at(path: string, value: unknown): Values {
  const values: Values = {};
  setAt(values, path.split("."), value);
  return values;
}

const wrong: [string, unknown][] = [
  ["nameOverride", "Houston"],
  ["fullnameOverride", "-x"],
  ["image.repository", ""],
  ["image.tag", "a b"],
  ["image.digest", "sha256:abc"],
  ["image.pullPolicy", "Sometimes"],
  ["imagePullSecrets", ["registry"]],
  ["replicas", -1],
  ["replicas", "2"],
  ["config", "a: b"],
  ["config.webserver.endpoint", "v1"],
  ["config.webserver.drainDelay", "5s"],
  ["config.webserver.drainTimeout", 0],
  ["config.email.enabled", "yes"],
  ["secrets.databaseUrl.name", ""],
  ["secrets.jwtSecret.key", "a/b"],
  ["secrets.encryptionKeys", "houston"],
  ["secrets.smtpUrl.key", ""],
  ["secrets.others.auth", { name: "a", key: "b" }],
  ["secrets.others.AUTH__SETUP_TOKEN", "secret"],
  ["extraEnv", { A: "b" }],
  ["extraVolumes", [{ emptyDir: {} }]],
  ["extraVolumeMounts", [{ name: "a" }]],
  ["postgresql.enabled", "true"],
  ["postgresql.name", 1],
  ["postgresql.instances", 0],
  ["postgresql.imageName", 18],
  ["postgresql.storage.size", "ten"],
  ["postgresql.storage.storageClass", 1],
  ["postgresql.resources", { memory: "1Gi" }],
  ["postgresql.spec", []],
  ["migration.enabled", 1],
  ["migration.backoffLimit", -1],
  ["migration.activeDeadlineSeconds", 0],
  ["serviceAccount.create", "no"],
  ["serviceAccount.name", 1],
  ["serviceAccount.annotations", { a: 1 }],
  ["provisioning.enabled", "flux"],
  ["provisioning.scope", "namespace"],
  ["provisioning.namespaces", ["Airflow"]],
  ["provisioning.namespaces", ["one", "one"]],
  ["provisioning.kubeconfig", "file"],
  ["service.type", "ExternalName"],
  ["service.port", 70_000],
  ["service.annotations", { a: true }],
  ["ingress.enabled", 1],
  ["ingress.className", 1],
  ["ingress.annotations", []],
  ["ingress.hosts", ["https://houston.example.com"]],
  ["ingress.tls", [{ hosts: ["houston.example.com"] }]],
  ["httpRoute.enabled", 1],
  ["httpRoute.annotations", []],
  ["httpRoute.parentRefs", [{ namespace: "gateways" }]],
  ["httpRoute.hosts", ["a b"]],
  ["autoscaling.enabled", 1],
  ["autoscaling.minReplicas", 0],
  ["autoscaling.maxReplicas", 0],
  ["autoscaling.targetCPUUtilizationPercentage", "80%"],
  ["autoscaling.behavior", []],
  ["podDisruptionBudget.enabled", 1],
  ["podDisruptionBudget.maxUnavailable", "one"],
  ["networkPolicy.enabled", 1],
  ["networkPolicy.ingress.api", ["10.0.0.0/8"]],
  ["networkPolicy.ingress.operations", [{ cidr: "10.0.0.0/8" }]],
  ["networkPolicy.egress.dns.ports", ["dns"]],
  ["networkPolicy.egress.postgresql.ports", [0]],
  ["networkPolicy.egress.smtp.to", ["10.0.0.0/8"]],
  ["networkPolicy.egress.kubernetes.to", [{}]],
  ["networkPolicy.egress.deploymentDatabases.ports", [-1]],
  ["networkPolicy.egress.https.protocol", "UDP"],
  ["networkPolicy.egress.others", ["all"]],
  ["serviceMonitor.enabled", 1],
  ["serviceMonitor.interval", 30],
  ["serviceMonitor.scrapeTimeout", "soon"],
  ["serviceMonitor.labels", { a: 1 }],
  ["podAnnotations", { a: 1 }],
  ["podLabels", { a: 1 }],
  ["securityContext.runAsUser", 0],
  ["securityContext.runAsGroup", 0],
  ["securityContext.fsGroup", "1000"],
  ["securityContext.privileged", true],
  ["resources", { cpu: 1 }],
  ["startupSeconds", 1],
  ["topologySpread.topologyKeys", "zone"],
  ["topologySpread.whenUnsatisfiable", "Never"],
  ["nodeSelector", { a: 1 }],
  ["tolerations", ["all"]],
  ["affinity", []],
  ["priorityClassName", 1],
];

/** A value as the schema describes it. */
interface Described {
  description?: string;
  default?: unknown;
  properties?: Record<string, Described>;
}

const schema: Described = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"));

/** The paths of all values that have a default. */
function paths({ properties = {} }: Described, prefix = ""): string[] {
  return Object.entries(properties).flatMap(([key, value]) =>
    value.default === undefined ? paths(value, `${prefix}${key}.`) : [prefix + key],
  );
}

describe("values.schema.json", () => {
  it.each(wrong)("refuses a wrong %s (%j) and names it", (path, value) => {
    const keys = path.split(".");
    const output = refusal(at(path, value));
    // Either the path of the value, or that of the group and the name of the key.
    expect(output.replaceAll("/", ".")).toContain(keys.slice(0, -1).join("."));
    expect(output).toContain(keys.at(-1));
  });

  it("has a wrong value for every value in these tests", () => {
    const tried = wrong.map(([path]) => path);
    const missing = paths(schema).filter((path) => !tried.some((other) => `${other}.`.startsWith(`${path}.`)));
    expect(missing).toEqual([]);
  });

  it.each(["", "image.", "secrets.", "provisioning.", "networkPolicy.egress.", "securityContext."])(
    "refuses an unknown key %sreplicaCount",
    (group) => {
      expect(refusal(at(`${group}replicaCount`, 1))).toContain("replicaCount");
    },
  );

  it.each([
    ["ingress", "hosts"],
    ["httpRoute", "parentRefs"],
  ])("refuses an %s without %s", (group, key) => {
    expect(refusal(at(`${group}.enabled`, true))).toContain(`/${group}/${key}`);
  });

  it("refuses provisioning in namespaces without any", () => {
    const output = refusal({ provisioning: { enabled: true, scope: "namespaces" } });
    expect(output).toContain("/provisioning/namespaces");
  });

  it("describes every value", () => {
    const silent = (group: Described, prefix = ""): string[] =>
      Object.entries(group.properties ?? {}).flatMap(([key, value]) => [
        ...(value.description ? [] : [prefix + key]),
        ...(value.default === undefined ? silent(value, `${prefix}${key}.`) : []),
      ]);
    expect(silent(schema)).toEqual([]);
  });
});

describe("config", () => {
  // Their values would be in a ConfigMap. The URL of Elasticsearch is one only if it has a password, and values of the
  // Airflow chart are not known.
  const secrets = [...names].filter(
    ([, { setting }]) =>
      setting.secret &&
      setting.description !== undefined &&
      !isFree(setting.path) &&
      setting.env !== "ELASTICSEARCH__CLIENT__NODE",
  );

  it.each(secrets.map(([name]) => name))("takes no secret %s", (name) => {
    const output = refusal({ config: at(name, "5up3r-secret") });
    expect(output).toMatch(
      new RegExp(`config\\.${name.replaceAll(".", "\\.")} does not belong in config; set secrets\\.`),
    );
    expect(output).not.toContain("5up3r-secret");
  });

  it("takes no secret of an identity provider with a name of one's own", () => {
    const output = refusal({ config: { auth: { openidConnect: { bigCorp: { clientSecret: "5up3r-secret" } } } } });
    expect(output).toContain("secrets.others.AUTH__OPENID_CONNECT__BIG_CORP__CLIENT_SECRET");
  });

  it("takes a URL of Elasticsearch without a password only", () => {
    const config = (node: string) => ({ config: { elasticsearch: { client: { node } } } });
    expect(refusal(config("https://user:password@elasticsearch:9200"))).toContain("ELASTICSEARCH__CLIENT__NODE");
    expect(() => render(config("https://elasticsearch:9200"))).not.toThrow();
  });

  it.each([
    ["astronomer", { houston: { config: {} } }],
    ["provisioner", "flux"],
    ["kubernetes.kubeconfig", "/root/.kube/config"],
    ["kubernetes.namespaced", true],
    ["webserver.host", "127.0.0.1"],
    ["webserver.port", 80],
    ["webserver.operationsPort", 81],
    ["database.dataFolder", "/data"],
  ])("takes no %s, which the chart sets itself", (path, value) => {
    expect(refusal({ config: at(path, value) })).toContain(`config.${path} does not belong in config; set `);
  });
});
