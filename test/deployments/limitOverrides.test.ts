import { describe, expect, it } from "vitest";
import type { limitNames } from "../../src/platform/config/limits.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const houston = await testHouston();
const handedDown = await testHouston({ deployments: { overridableLimits: ["maxPodAu"] } });
type Houston = typeof houston;

/** Overrides settings of a Workspace and of one of its Deployments. */
async function outcomes({ as }: Houston, someone: { token: string }, given: { w: string; d: string }, config: object) {
  const workspace = `mutation ($w: Uuid!, $config: JSON!) {
    updateWorkspaceDeploymentsConfig(workspaceUuid: $w, deploymentsConfigOverride: $config) { id }
  }`;
  const deployment = `mutation ($d: Uuid!, $config: JSON!) {
    updateDeploymentConfig(deploymentUuid: $d, deploymentsConfigOverride: $config) { id }
  }`;
  return [
    outcomeOf(await as(someone).send(workspace, { w: given.w, config })),
    outcomeOf(await as(someone).send(deployment, { d: given.d, config })),
  ];
}

async function scope({ build }: Houston) {
  const { deployment, home } = await build.deployment();
  if (!home) throw new Error("no Workspace");
  return { ids: { w: deployment.workspaceId, d: deployment.id }, admin: home.admin };
}

describe("what limits what the owner of the platform pays for takes a system role", () => {
  const examples: Record<(typeof limitNames)[number], unknown> = {
    chart: { version: "9.9.9" },
    astroUnit: { cpu: 4000 },
    astroUnitsEnabled: false,
    resourceProvisioningStrategy: { astroUnitsEnabled: false },
    maxExtraAu: 9999,
    maxPodAu: 9999,
    maxExtraCapacity: { cpu: 999_000 },
    maxPodCapacity: { cpu: 999_000 },
    components: [{ name: "scheduler", replicas: { limit: 4000 } }],
    executors: [{ name: "KubernetesExecutor", enabled: false }],
    overProvisioningFactorCPU: 0.1,
    overProvisioningFactorMem: 0.1,
    overProvisioningComponents: [],
    pgBouncerResourceCalculationStrategy: "other",
  };

  it.each(Object.entries(examples))("%s", async (key, value) => {
    const { ids, admin } = await scope(houston);
    const denied = `FORBIDDEN deploymentsConfigOverride.${key}`;
    expect(await outcomes(houston, admin, ids, { [key]: value })).toEqual([denied, denied]);
    expect(await houston.db.deploymentsConfigOverride.count({ where: { workspaceId: ids.w } })).toBe(0);
  });

  it("by any of its names, and its removal too", async () => {
    const { ids, admin } = await scope(houston);
    const denied = "FORBIDDEN deploymentsConfigOverride.astroUnit";
    const byNewName = { resourceManagement: { astroUnit: { cpu: 4000 } } };
    expect(await outcomes(houston, admin, ids, byNewName)).toEqual([denied, denied]);
    const editor = await houston.build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    expect(await outcomes(houston, editor, ids, byNewName)).toEqual(["ok", "ok"]);
    const remove = { astroUnit: { cpu: "DELETE_KEY" } };
    expect(await outcomes(houston, admin, ids, remove)).toEqual([denied, denied]);
    const all = `mutation { deleteDeploymentConfig(deploymentUuid: "${ids.d}") { id } }`;
    expect(outcomeOf(await houston.as(admin).send(all))).toBe(denied);
  });

  it("unless deployments.overridableLimits hands it down, which an override cannot change", async () => {
    const { ids, admin } = await scope(handedDown);
    expect(await outcomes(handedDown, admin, ids, { maxPodAu: 40 })).toEqual(["ok", "ok"]);
    const denied = "FORBIDDEN deploymentsConfigOverride.maxExtraAu";
    expect(await outcomes(handedDown, admin, ids, { maxExtraAu: 9999 })).toEqual([denied, denied]);
    const invalid = "BAD_USER_INPUT deploymentsConfigOverride.overridableLimits";
    const own = { overridableLimits: ["maxExtraAu"] };
    expect(await outcomes(handedDown, admin, ids, own)).toEqual([invalid, invalid]);
  });
});
