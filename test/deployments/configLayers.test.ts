import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { layOver } from "../../src/services/deployments/configuration/configLayers.ts";
import { DELETE_KEY } from "../../src/services/deployments/configuration/deleteKey.ts";

const platform = configFrom({
  deployments: {
    maxPodAu: 20,
    preCreatedNamespaces: ["red", "blue"],
    components: [{ name: "scheduler", au: { default: 5, limit: 7 } }],
  },
}).deployments;

const over = (override: Record<string, unknown>) => layOver(platform, override).deployments;
const componentOf = (deployments: typeof platform, name: string) =>
  deployments.components.find((one) => one.name === name);

describe("a configuration layer", () => {
  it("changes the settings it contains and no others", () => {
    expect(over({})).toEqual(platform);
    expect(over({ maxPodAu: 5, astroUnit: { cpu: 200 } })).toEqual({
      ...platform,
      maxPodAu: 5,
      astroUnit: { ...platform.astroUnit, cpu: 200 },
    });
    expect(platform.maxPodAu).toBe(20);
  });

  it("replaces lists, and merges lists of named items by name", () => {
    expect(over({ preCreatedNamespaces: ["green"] }).preCreatedNamespaces).toEqual(["green"]);
    const { executors } = over({ executors: [{ name: "LocalExecutor", enabled: false }] });
    expect(executors.map(({ name, enabled }) => [name, enabled])).toEqual([
      ["LocalExecutor", false],
      ["CeleryExecutor", true],
      ["KubernetesExecutor", true],
    ]);
    const changed = over({ components: [{ name: "workers", au: { limit: 12 } }] });
    expect(componentOf(changed, "workers")).toEqual({
      ...componentOf(platform, "workers"),
      au: { default: 10, limit: 12 },
    });
    expect(componentOf(changed, "scheduler")).toEqual(componentOf(platform, "scheduler"));
  });

  it("reads replicas from the list `extra`, as in files for earlier versions", () => {
    const extra = [{ name: "replicas", minimum: 1, default: 2, limit: 3 }];
    expect(componentOf(over({ components: [{ name: "workers", extra }] }), "workers")?.replicas).toEqual({
      minimum: 1,
      default: 2,
      limit: 3,
    });
  });

  it("ignores a DELETE_KEY that an earlier version stored", () => {
    expect(over({ maxPodAu: DELETE_KEY, astroUnit: DELETE_KEY, executors: DELETE_KEY })).toEqual(platform);
    expect(over({ astroUnit: { cpu: DELETE_KEY, memory: 7 } }).astroUnit).toEqual({ ...platform.astroUnit, memory: 7 });
    const first = over({ helm: { airflow: { own: { a: 1 } } } });
    expect(layOver(first, { helm: { airflow: { own: DELETE_KEY } } }).deployments).toEqual(first);
    const workers = { name: "workers", au: { limit: 12 }, replicas: DELETE_KEY };
    expect(componentOf(over({ components: [workers] }), "workers")).toMatchObject({
      au: { default: 10, limit: 12 },
      replicas: componentOf(platform, "workers")?.replicas,
    });
  });

  it("contains complete Helm values, merged key by key", () => {
    const first = over({ helm: { airflow: { uid: 7, own: { a: 1, b: 2 } } } });
    const { deployments, problems } = layOver(first, { helm: { airflow: { own: { a: 3 } } } });
    expect(problems).toEqual([]);
    expect((deployments as unknown as { helm: { airflow: object } }).helm.airflow).toMatchObject({
      uid: 7,
      gid: 50_000,
      own: { a: 3, b: 2 },
    });
  });

  it("accepts the names of 2.x, which take precedence over those of 1.x", () => {
    const renamed = over({ airflowComponents: { triggerer: { enabled: false } }, triggererEnabled: true });
    expect(renamed.triggererEnabled).toBe(false);
    expect(renamed).not.toHaveProperty("airflowComponents");
    expect(over({ namespaceManagement: { namespaceFreeFormEntry: true } }).namespaceFreeFormEntry).toBe(true);
    const quotas = { resourceManagement: { resourceQuotas: { enabled: false } } };
    expect(over(quotas)).toMatchObject({ disableManageResourceQuotasAndLimitRanges: true });
    expect(layOver(renamed, { triggererEnabled: true }).deployments.triggererEnabled).toBe(true);
  });

  it.each([
    [{ maxPodAU: 5 }, "deployments.maxPodAU"],
    [{ maxPodAu: 0 }, "deployments.maxPodAu"],
    [{ astroUnit: 5 }, "deployments.astroUnit"],
    [{ astroUnit: { gpu: 5 } }, "deployments.astroUnit.gpu"],
    [{ airflowComponents: { trigger: {} } }, "deployments.airflowComponents.trigger"],
    [{ airflowComponents: { triggerer: true } }, "deployments.airflowComponents.triggerer"],
    [{ resourceManagement: { astroUnit: { cpu: 0 } } }, "deployments.resourceManagement.astroUnit.cpu"],
    [{ executors: [{ name: "OtherExecutor", enabled: true }] }, "deployments.executors[3].name"],
    [{ components: [{ name: "workers", au: { default: 99 }, replicas: { limit: 0 } }] }, "deployments.components"],
    [JSON.parse(`{ "__proto__": { "maxPodAu": 1 } }`), "deployments.__proto__"],
  ])("reports what is wrong with %j, and keeps the settings of the layers below", (override, key) => {
    const { deployments, problems } = layOver(platform, override, { own: false });
    expect(problems[0]?.key).toMatch(new RegExp(`^${key.replaceAll(/[[\].]/g, "\\$&")}`));
    expect(deployments.maxPodAu).toBe(20);
    expect(deployments.executors).toEqual(platform.executors);
    expect(deployments.components).toEqual(platform.components);
    expect(({} as Record<string, unknown>).maxPodAu).toBeUndefined();
  });
});
