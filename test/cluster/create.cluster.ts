import { describe, expect, it } from "vitest";
import { deployments, helmReleases, jobs, statefulSets } from "../../src/platform/kubernetes/resources.ts";
import { houstonOnCluster } from "./houstonOnCluster.ts";
import { recordSequence } from "./recordSequence.ts";

const { cluster, create, reaches, list, get, remove, revisions, nothingLeft, databases } = await houstonOnCluster();

const names = (objects: { metadata: { name: string } }[]) => objects.map(({ metadata }) => metadata.name).sort();

describe("a Deployment on a cluster", () => {
  it("is installed once and runs, and is removed with all that belongs to it", async () => {
    const released = await create({ executor: "CeleryExecutor" });
    const { releaseName, namespace } = released;
    const record = recordSequence(cluster.client, released, "Install");
    await reaches(released, "HEALTHY");
    await record();
    const workloads = [...(await list(deployments, namespace)), ...(await list(statefulSets, namespace))];
    expect(names(workloads)).toEqual(
      ["flower", "redis", "scheduler", "statsd", "triggerer", "webserver", "worker"].map(
        (part) => `${releaseName}-${part}`,
      ),
    );
    expect(names(await list(jobs, namespace))).toEqual([`${releaseName}-db-1`]);
    expect(await revisions(released)).toEqual(["v1"]);
    expect(await get(helmReleases, released)).toMatchObject({
      status: { history: [{ version: 1, status: "deployed" }] },
    });
    const name = `${releaseName.replaceAll("-", "_")}_airflow`;
    expect((await databases()).filter((one) => one === name)).toHaveLength(2);

    await remove(released);
    await nothingLeft(released);
  });
});
