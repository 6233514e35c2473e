import { describe, expect, it } from "vitest";
import { deployments, pods, statefulSets } from "../../src/platform/kubernetes/resources.ts";
import { eventually, houstonOnCluster, type Released } from "./houstonOnCluster.ts";
import { recordSequence } from "./recordSequence.ts";

const { cluster, create, reaches, list, images, send, remove, revisions, nothingLeft } = await houstonOnCluster();

const UPDATE_IMAGE = `mutation ($releaseName: String!, $image: String!, $runtimeVersion: String) {
  updateDeploymentImage(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) { id }
}`;
const deployImage = ({ releaseName }: Released, image: string, runtimeVersion?: string) =>
  send(UPDATE_IMAGE, { releaseName, image, runtimeVersion });

/** Names of the pods of a Deployment, without those of jobs. */
const podNames = async ({ namespace }: Released) =>
  (await list(pods, namespace)).map(({ metadata }) => metadata.name).filter((name) => !/-db-\d/.test(name));

const components = async ({ namespace }: Released) =>
  [...(await list(deployments, namespace)), ...(await list(statefulSets, namespace))]
    .map(({ metadata }) => metadata.labels?.component)
    .sort();

describe.concurrent("a change of a Deployment", () => {
  it("brings another image, and the one before it back", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    for (const image of ["registry.example.com/blue:1", "registry.example.com/blue:2", "registry.example.com/blue:1"]) {
      await deployImage(released, image);
      await eventually(async () => expect(await images(released)).toEqual([image]));
      await reaches(released, "HEALTHY");
    }
    expect(await revisions(released)).toEqual(["v1", "v2", "v3", "v4"]);
    await remove(released);
    await nothingLeft(released);
  });

  it("restarts the pods with new variables", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const before = await podNames(released);
    await send(
      `mutation ($id: Uuid!, $releaseName: String!, $variables: [InputEnvironmentVariable]!) {
        updateDeploymentVariables(deploymentUuid: $id, releaseName: $releaseName, environmentVariables: $variables) { key }
      }`,
      { ...released, variables: [{ key: "BLUE", value: "secret", isSecret: true }] },
    );
    const renewed = /-(scheduler|webserver|triggerer|worker)-/;
    await eventually(async () =>
      expect((await podNames(released)).filter((name) => before.includes(name) && renewed.test(name))).toEqual([]),
    );
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });

  it("changes the executor", async () => {
    const released = await create({ executor: "CeleryExecutor" });
    await reaches(released, "HEALTHY");
    expect(await components(released)).toEqual(expect.arrayContaining(["redis", "worker"]));
    await send("mutation ($id: Uuid!) { updateDeployment(deploymentUuid: $id, executor: KubernetesExecutor) { id } }", {
      id: released.id,
    });
    await eventually(async () =>
      expect(await components(released)).toEqual(["scheduler", "statsd", "triggerer", "webserver"]),
    );
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });

  it("upgrades to another version of Airflow", async () => {
    const released = await create({ runtimeVersion: "13.11.0" });
    await reaches(released, "HEALTHY");
    const record = recordSequence(cluster.client, released, "Upgrade");
    await deployImage(released, "registry.example.com/blue:3", "3.2-10");
    await eventually(async () =>
      expect(await components(released)).toEqual(expect.arrayContaining(["api-server", "dag-processor"])),
    );
    await eventually(async () => expect(await components(released)).not.toContain("webserver"));
    await reaches(released, "HEALTHY");
    await record();
    await remove(released);
    await nothingLeft(released);
  });

  it("that fails goes back to what ran before and is UNHEALTHY until it is repaired", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const before = await images(released);
    const record = recordSequence(cluster.client, released, "RollbackAndRepair");
    await deployImage(released, "registry.example.com/blue:broken");
    await reaches(released, "UNHEALTHY", expect.stringMatching(/upgrade failed.*the version before it runs again/));
    await eventually(async () => expect(await images(released)).toEqual(before));
    await deployImage(released, "registry.example.com/blue:4");
    await reaches(released, "HEALTHY");
    await record();
    expect(await images(released)).toEqual(["registry.example.com/blue:4"]);
    await remove(released);
    await nothingLeft(released);
  });

  it("to a version of Airflow that fails is tried again instead of going back", async () => {
    const released = await create({ runtimeVersion: "13.11.0" });
    await reaches(released, "HEALTHY");
    const record = recordSequence(cluster.client, released, "RetryOfAnUpgrade");
    await deployImage(released, "registry.example.com/blue:broken", "3.2-10");
    await reaches(released, "UNHEALTHY", expect.stringMatching(/upgrade failed.*Flux will try again/));
    expect(await components(released)).toContain("api-server");
    await deployImage(released, "registry.example.com/blue:5", "3.2-10");
    await reaches(released, "HEALTHY");
    await record();
    await remove(released);
    await nothingLeft(released);
  });
});
