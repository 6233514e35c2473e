import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { DELETE_KEY, layOver } from "../../src/services/deployments/configuration/configLayers.ts";

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

  it("resets a deleted key or group to its default", () => {
    expect(over({ maxPodAu: DELETE_KEY }).maxPodAu).toBe(35);
    const changed = layOver(over({ astroUnit: { cpu: 7, memory: 7 } }), { astroUnit: DELETE_KEY });
    expect(changed.problems).toEqual([]);
    expect(changed.deployments.astroUnit).toEqual(configFrom().deployments.astroUnit);
    expect(componentOf(over({ components: DELETE_KEY }), "scheduler")?.au.limit).toBe(24);
  });

  it("contains complete Helm values, from which a later layer deletes keys", () => {
    const first = over({ helm: { airflow: { uid: 7, own: { a: 1, b: 2 } } } });
    const { deployments, problems } = layOver(first, { helm: { airflow: { own: { a: DELETE_KEY } } } });
    expect(problems).toEqual([]);
    expect((deployments as unknown as { helm: { airflow: object } }).helm.airflow).toMatchObject({
      uid: 7,
      gid: 50_000,
      own: { b: 2 },
    });
  });

  it.each([
    [{ maxPodAU: 5 }, "deployments.maxPodAU"],
    [{ maxPodAU: DELETE_KEY }, "deployments.maxPodAU"],
    [{ maxPodAu: 0 }, "deployments.maxPodAu"],
    [{ astroUnit: 5 }, "deployments.astroUnit"],
    [{ astroUnit: { gpu: 5 } }, "deployments.astroUnit.gpu"],
    [{ executors: [{ name: "OtherExecutor", enabled: true }] }, "deployments.executors[3].name"],
    [{ components: [{ name: "workers", au: { default: 99 }, replicas: { limit: 0 } }] }, "deployments.components"],
    [JSON.parse(`{ "__proto__": { "maxPodAu": 1 } }`), "deployments.__proto__"],
  ])("reports what is wrong with %j, and keeps the settings of the layers below", (override, key) => {
    const { deployments, problems } = layOver(platform, override);
    expect(problems[0]?.key).toMatch(new RegExp(`^${key.replaceAll(/[[\].]/g, "\\$&")}`));
    expect(deployments.maxPodAu).toBe(20);
    expect(deployments.executors).toEqual(platform.executors);
    expect(deployments.components).toEqual(platform.components);
    expect(({} as Record<string, unknown>).maxPodAu).toBeUndefined();
  });
});
