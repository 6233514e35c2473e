import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config, DeepPartial } from "../../../src/platform/config/config.ts";
import { at, isMapping } from "../../../src/platform/config/tree.ts";
import type { DeploymentConfig } from "../../../src/services/deployments/sizing/configAfter.ts";
import { objectsOf } from "../../../src/services/provisioning/objects/objectsOf.ts";
import { harmOf } from "../../../src/services/provisioning/values/assertHarmless.ts";
import { helmValues } from "../../../src/services/provisioning/values/helmValues.ts";
import type { WantedDeployment } from "../../../src/services/provisioning/wanted/wanted.ts";
import { connections, keys, platform, signIn, valuesContext, wantedDeployment } from "../wantedDeployment.ts";
import { violations } from "./valuesSchema.ts";

const config = platform();

const amount = fc.record({ cpu: fc.integer({ min: 1, max: 9_000 }), memory: fc.integer({ min: 1, max: 50_000 }) });
const resources = fc.record({ requests: amount, limits: amount });
const component = fc.record({ replicas: fc.integer({ min: 1, max: 20 }), resources });
const size = fc.option(component, { nil: undefined });
const none = fc.record({ replicas: fc.constant(0), resources });

const deploymentConfig = fc.record({
  executor: fc.constantFrom("LocalExecutor", "CeleryExecutor", "KubernetesExecutor"),
  scheduler: size,
  webserver: size,
  triggerer: fc.oneof(size, none),
  dagProcessor: fc.oneof(size, none),
  workers: component.map((workers) => ({ ...workers, terminationGracePeriodSeconds: 600 })),
}) as fc.Arbitrary<DeploymentConfig>;

const text = fc.string({ unit: "binary", maxLength: 30 });

const variables = fc.uniqueArray(
  fc.record({
    key: fc.oneof(
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/),
      fc.constantFrom(
        "PYTHONPATH",
        "AIRFLOW_HOME",
        "DUMB_INIT_SETSID",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__HOUSTON__ISSUER",
      ),
    ),
    value: text.map((value) => `canary-${value}`),
    isSecret: fc.boolean(),
  }),
  { selector: ({ key }) => key, maxLength: 8 },
);

const workerQueues = fc.uniqueArray(
  fc.record({
    // Others are refused.
    name: fc.string({ minLength: 1, maxLength: 63 }).filter((name) => harmOf(name) === undefined),
    isDefault: fc.boolean(),
    workerConcurrency: fc.integer({ min: 1, max: 64 }),
    minWorkerCount: fc.integer({ min: 0, max: 5 }),
    maxWorkerCount: fc.integer({ min: 5, max: 20 }),
    podCpu: fc.constantFrom(null, "0.5", "2", "250m"),
    podRam: fc.constantFrom(null, "1Gi", "1.5Gi", "512Mi", "1G"),
  }),
  { selector: ({ name }) => name, maxLength: 4 },
);

const dagDeployment: fc.Arbitrary<WantedDeployment["dagDeployment"]> = fc.oneof(
  fc.constantFrom({ type: "image" as const }, { type: "volume" as const, nfsLocation: "nfs.example.com:/dags" }),
  fc.record({
    type: fc.constant("git_sync" as const),
    repositoryUrl: fc.constant("https://git.example.com/a/b.git"),
    branchName: fc.option(fc.constant("main"), { nil: undefined }),
    dagDirectoryLocation: fc.option(fc.constantFrom("dags", "/a/b/", "./a", "/"), { nil: undefined }),
    syncInterval: fc.option(fc.integer({ min: 1, max: 86_400 }), { nil: undefined }),
    httpsToken: fc.option(fc.constant("canary-token"), { nil: undefined }),
  }) as fc.Arbitrary<WantedDeployment["dagDeployment"]>,
);

const wanted = fc
  .record({
    config: deploymentConfig,
    airflowVersion: fc.constantFrom("2.11.0", "3.0.6", "3.2.2", "3.3.1"),
    extraAu: fc.integer({ min: 0, max: 400 }),
    image: fc.constantFrom(null, "registry:5000/a/b:1", "a/b@sha256:0123456789abcdef0123456789abcdef"),
    dockerconfigjson: fc.constantFrom(null, { auths: { registry: { auth: "canary-auth" } } }),
    kedaEnabled: fc.boolean(),
    webserverReboot: fc.boolean(),
    ...{ variables, workerQueues, dagDeployment },
  })
  .map((given) => wantedDeployment(config, given));

/** What Kubernetes makes of `$(NAME)` and `$$` in the value of an environment variable, for names that exist. */
const expanded = (value: string) =>
  value.replace(/\$(\$|\(\w+\))/g, (_, after: string) => (after === "$" ? "$" : "other"));

/** Names of Secrets, wherever they are in some values. */
function* secretNames(tree: unknown, key = ""): Generator<string> {
  if (typeof tree === "string" && /[sS]ecret(Name)?$|sshKeySecret/.test(key)) yield tree;
  if (typeof tree !== "object" || tree === null) return;
  for (const [inner, value] of Object.entries(tree)) yield* secretNames(value, inner);
}

const objects = (one: WantedDeployment) =>
  objectsOf(one, keys, one.config.executor === "CeleryExecutor" ? connections : { ...connections, broker: null }, {
    ...{ config, signIn, onFailedUpgrade: "retry" as const },
  }).objects;

describe("the values of any Deployment", () => {
  it("have only keys of the chart", () => {
    fc.assert(
      fc.property(wanted, (one) => {
        expect(violations(helmValues(one, valuesContext(config)))).toEqual([]);
      }),
    );
  });

  it("contain each environment variable once, with its value, and no secret", () => {
    fc.assert(
      fc.property(wanted, (one) => {
        const { env, secret } = helmValues(one, valuesContext(config)) as {
          env: { name: string; value: string }[];
          secret: { envName: string }[];
        };
        const names = [...env.map(({ name }) => name), ...secret.map(({ envName }) => envName)];
        expect(new Set(names).size).toBe(names.length);
        for (const { key, value, isSecret } of one.variables) {
          const found = env.find(({ name }) => name === key);
          const isReserved = /^(AIRFLOW_HOME|DUMB_INIT_SETSID)$|^AIRFLOW__HOUSTON__/.test(key);
          if (isReserved) expect(found?.value ?? "", key).not.toContain("canary-");
          else if (isSecret || harmOf(value) !== undefined) expect(found).toBeUndefined();
          else expect(expanded(found?.value ?? "").endsWith(value), key).toBe(true);
        }
      }),
    );
  });

  it("name only Secrets that are applied before, and show nothing of what is in them", () => {
    fc.assert(
      fc.property(wanted, (given) => {
        const one = { ...given, variables: given.variables.map((variable) => ({ ...variable, isSecret: true })) };
        const all = objects(one);
        const applied = new Set(all.filter(({ kind }) => kind === "Secret").map(({ metadata }) => metadata.name));
        const values = all.find(({ metadata }) => metadata.name.endsWith("-values"))?.data?.["values.yaml"] ?? "";
        const written = Buffer.from(values, "base64").toString();
        expect([...secretNames(JSON.parse(written))].filter((name) => !applied.has(name))).toEqual([]);
        expect(written).not.toContain("canary");
        for (const key of Object.values(keys)) expect(written).not.toContain(key);
      }),
    );
  });

  it("grow quotas with the pods", () => {
    fc.assert(
      fc.property(wanted, fc.integer({ min: 1, max: 50 }), (one, more) => {
        const quota = (given: WantedDeployment, name: string) =>
          Number.parseInt(String(at(helmValues(given, valuesContext(config)).quotas, [name])), 10);
        const larger = { ...one, extraAu: one.extraAu + more };
        expect(quota(larger, "pods")).toBe(quota(one, "pods") + more);
        expect(quota(larger, "limits.cpu")).toBe(quota(one, "limits.cpu") + more * 100);
      }),
    );
  });
});

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { tree: overrideTree } = fc.letrec((tie) => ({
  tree: fc.dictionary(
    fc.oneof(
      fc.constantFrom(
        "scheduler",
        "resources",
        "limits",
        "ingress",
        "workers",
        "celery",
        "config",
        "labels",
        "__proto__",
      ),
      fc.string({ minLength: 1, maxLength: 8 }),
    ),
    fc.oneof({ depthSize: "small" }, leaf, fc.array(leaf, { maxLength: 3 }), tie("tree")),
    { maxKeys: 5, noNullPrototype: true },
  ),
}));

/** Every value of a tree by its path, with mappings only where they are empty. */
function* leaves(tree: unknown, path: string[] = []): Generator<[string[], unknown]> {
  if (!isMapping(tree)) yield [path, tree];
  else for (const key of Object.keys(tree)) yield* leaves(tree[key], [...path, key]);
}

describe("any deployments.helm.airflow", () => {
  it("wins, and changes nothing else", () => {
    fc.assert(
      fc.property(overrideTree, (override) => {
        const airflow = override as Record<string, unknown>;
        const changed = platform({ deployments: { helm: { airflow } } } as DeepPartial<Config>);
        const values = helmValues(wantedDeployment(changed), valuesContext(changed));
        for (const [path, value] of leaves(airflow)) expect(at(values, path), path.join(".")).toEqual(value);
        const before = helmValues(wantedDeployment(config), valuesContext(config));
        for (const key of Object.keys(before)) {
          if (!Object.hasOwn(airflow, key)) expect(values[key]).toEqual(before[key]);
        }
      }),
    );
  });
});
