import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { deployments, helmReleases } from "../../src/platform/kubernetes/resources.ts";
import { eventually, houstonOnCluster, type Released } from "./houstonOnCluster.ts";

// Flux hardly ever checks by itself. The other programs of the cluster find their server again up to half a minute later than
// Flux, which must not give up first.
const houston = await houstonOnCluster({ settings: { flux: { interval: "30m", timeout: "3m" } } });
const { cluster, create, remove, reaches, list, images, send, nothingLeft } = houston;

const MINUTE = 60_000;

describe("a Deployment that Flux checks every half hour", () => {
  it("is UNHEALTHY within seconds when somebody removes a workload", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const { namespace, releaseName } = released;
    await cluster.client.delete({ resource: deployments, namespace, name: `${releaseName}-scheduler` });
    const removed = expect.stringMatching(/^Somebody else changed it.*-scheduler removed/);
    await reaches(released, "UNHEALTHY", removed, MINUTE / 2);
    await send("mutation ($name: String!) { reconcileDeployment(releaseName: $name) }", { name: releaseName });
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });
});

describe("a cluster whose API server is away for a minute", () => {
  it("is caught up with what was changed, created and deleted meanwhile", { timeout: 7 * MINUTE }, async () => {
    const releaseNames = async () => (await list(helmReleases)).map(({ metadata }) => metadata.name).sort();
    const before = await releaseNames();
    const [changed, deleted] = [await create(), await create()];
    for (const one of [changed, deleted]) await reaches(one, "HEALTHY");
    const outOfReach = expect.stringMatching(/^The cluster has been out of reach since .*: it refuses connections$/);
    let created: Released | undefined;
    await cluster.apiServer.kill();
    try {
      await reaches(changed, "UNKNOWN", outOfReach);
      await send(
        "mutation ($releaseName: String!, $image: String!) { updateDeploymentImage(releaseName: $releaseName, image: $image) { id } }",
        { releaseName: changed.releaseName, image: "registry.example.com/blue:2" },
      );
      created = await create();
      await remove(deleted);
      await sleep(MINUTE);
      await reaches(changed, "UNKNOWN", outOfReach);
    } finally {
      await cluster.apiServer.start();
    }
    await eventually(async () => expect(await images(changed)).toEqual(["registry.example.com/blue:2"]), 2 * MINUTE);
    for (const one of [changed, created]) await reaches(one, "HEALTHY", null, 2 * MINUTE);
    await nothingLeft(deleted);
    expect(await releaseNames()).toEqual([...before, changed.releaseName, created.releaseName].sort());
    for (const one of [changed, created]) {
      await remove(one);
      await nothingLeft(one);
    }
  });
});
