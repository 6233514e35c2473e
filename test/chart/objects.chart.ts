import { describe, expect, it } from "vitest";
import { example, podLabels, render, type Values } from "../support/chart.ts";

const everything = example("everything.yaml");

describe("service.yaml", () => {
  it("serves clients, and nothing else", () => {
    const { spec } = render({ service: { type: "LoadBalancer", port: 80, annotations: { a: "b" } } }).only(
      "Service",
      "houston",
    );
    expect(spec).toMatchObject({ type: "LoadBalancer", ports: [{ name: "http", port: 80, targetPort: "http" }] });
    expect(spec.ports).toHaveLength(1);
    expect(render(everything).only("Service", "houston").metadata.annotations).toEqual({ "example.com/a": "b" });
  });
});

describe("service-operations.yaml", () => {
  it("stays in the cluster, whatever the type of the other Service", () => {
    const { spec } = render({ service: { type: "LoadBalancer" } }).only("Service", "houston-operations");
    expect(spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ name: "operations", port: 8872, targetPort: "operations" }],
    });
  });
});

describe("the pods of Houston", () => {
  const { only, kind } = render(everything);
  const pod = podLabels(only("Deployment"));
  const migration = podLabels(only("Job"));
  const selects = (selector: unknown, labels: Record<string, string>) =>
    Object.entries(selector as Record<string, string>).every(([label, value]) => labels[label] === value);

  it("are those that Services, budget, policy and spread select, and those of the migration are not", () => {
    const selectors = [
      ...kind("Service").map(({ spec }) => spec.selector),
      ...[only("Deployment"), only("PodDisruptionBudget")].map(
        ({ spec }) => (spec.selector as { matchLabels: unknown }).matchLabels,
      ),
      (only("NetworkPolicy", "houston").spec.podSelector as { matchLabels: unknown }).matchLabels,
    ];
    expect(selectors).toHaveLength(5);
    for (const selector of selectors) {
      expect(selects(selector, pod)).toBe(true);
      expect(selects(selector, migration)).toBe(false);
    }
  });

  it("are not those of another release", () => {
    const other = podLabels(render({}, { release: "second" }).only("Deployment"));
    expect(selects(only("Service", "houston").spec.selector, other)).toBe(false);
  });
});

describe("serviceaccount.yaml", () => {
  it("gives no token to pods that do not ask for it", () => {
    const account = render(everything).only("ServiceAccount");
    expect(account).toMatchObject({ metadata: { name: "houston" }, automountServiceAccountToken: false });
    expect(account.metadata.annotations).toEqual({ "example.com/role": "houston" });
  });

  it("exists only if one is to be created", () => {
    expect(render(example("remote.yaml")).kind("ServiceAccount")).toEqual([]);
  });
});

describe("horizontalpodautoscaler.yaml", () => {
  it("scales the Deployment by CPU", () => {
    expect(render(everything).only("HorizontalPodAutoscaler").spec).toEqual({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "houston" },
      minReplicas: 3,
      maxReplicas: 9,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
    });
    const bare = render({ autoscaling: { enabled: true } }).only("HorizontalPodAutoscaler");
    expect(bare.spec).not.toHaveProperty("behavior");
  });

  it("exists only if it is enabled", () => {
    expect(render().kind("HorizontalPodAutoscaler")).toEqual([]);
  });
});

describe("poddisruptionbudget.yaml", () => {
  const budget = (values: Values) => render(values).only("PodDisruptionBudget").spec;

  it("lets one pod at a time go, and all that are not ready", () => {
    expect(budget({})).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
    expect(budget({ podDisruptionBudget: { maxUnavailable: 0 } })).toMatchObject({ maxUnavailable: 0 });
    expect(budget(everything)).toMatchObject({ maxUnavailable: "34%" });
  });

  it("exists unless it is disabled", () => {
    expect(render(example("remote.yaml")).kind("PodDisruptionBudget")).toEqual([]);
  });
});

describe("servicemonitor.yaml", () => {
  it("measures each pod through the Service of the operations port", () => {
    const { only } = render(everything);
    const { spec, metadata } = only("ServiceMonitor");
    expect(spec.endpoints).toEqual([{ port: "operations", path: "/metrics", interval: "1m", scrapeTimeout: "20s" }]);
    expect(metadata.labels).toMatchObject({ release: "prometheus" });
    const { matchLabels } = spec.selector as { matchLabels: object };
    expect(only("Service", "houston-operations").metadata.labels).toMatchObject(matchLabels);
    expect(only("Service", "houston").metadata.labels).not.toMatchObject(matchLabels);
  });

  it("exists only if it is enabled", () => {
    expect(render().kind("ServiceMonitor")).toEqual([]);
  });
});

describe("postgresql.yaml", () => {
  const { only } = render(example("postgresql.yaml"));

  it("is a Cluster of CloudNativePG that outlives the release", () => {
    const { apiVersion, metadata, spec } = only("Cluster");
    expect(apiVersion).toBe("postgresql.cnpg.io/v1");
    expect(metadata).toMatchObject({
      name: "houston-postgresql",
      annotations: { "helm.sh/resource-policy": "keep" },
    });
    expect(spec).toEqual({
      instances: 2,
      imageName: "ghcr.io/cloudnative-pg/postgresql:18",
      storage: { size: "50Gi", storageClass: "fast" },
      resources: { requests: { memory: "1Gi" } },
      bootstrap: { initdb: { database: "houston", owner: "houston", dataChecksums: true } },
      postgresql: { parameters: { max_connections: "300" } },
    });
  });

  it("leaves to the operator what is not set", () => {
    expect(render({ postgresql: { enabled: true } }).only("Cluster").spec).toEqual({
      instances: 3,
      storage: { size: "10Gi" },
      bootstrap: { initdb: { database: "houston", owner: "houston" } },
    });
  });

  it.each(["Deployment", "Job"])("gives the %s its URL, and its authority to verify the server with", (kind) => {
    const pod = only(kind).spec.template?.spec;
    const [container] = pod?.containers ?? [];
    const names = container?.env.map(({ name }) => name) ?? [];
    // A variable may refer to earlier ones only.
    expect(names.indexOf("POSTGRESQL_URI")).toBeLessThan(names.indexOf("DATABASE_URL"));
    expect(container?.env).toEqual(
      expect.arrayContaining([
        {
          name: "POSTGRESQL_URI",
          valueFrom: { secretKeyRef: { name: "houston-postgresql-app", key: "uri" } },
        },
        {
          name: "DATABASE_URL",
          value: "$(POSTGRESQL_URI)?sslmode=verify-full&sslrootcert=/etc/houston/postgresql/ca.crt",
        },
      ]),
    );
    expect(names).not.toContain("DATABASE_URL_FILE");
    expect(container?.volumeMounts).toContainEqual({
      ...{ name: "postgresql", mountPath: "/etc/houston/postgresql", readOnly: true },
    });
    expect(pod?.volumes).toContainEqual({
      name: "postgresql",
      secret: { secretName: "houston-postgresql-ca", defaultMode: 0o440, items: [{ key: "ca.crt", path: "ca.crt" }] },
    });
  });

  it("has another name if that is set, everywhere", () => {
    const named = render({ postgresql: { enabled: true, name: "main" } });
    expect(named.only("Cluster").metadata.name).toBe("main");
    expect(JSON.stringify(named.all)).not.toContain("houston-postgresql");
  });

  it("exists only if it is enabled", () => {
    expect(render().kind("Cluster")).toEqual([]);
  });
});
