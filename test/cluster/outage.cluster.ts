import { describe, expect, it } from "vitest";
import { helmReleases } from "../../src/platform/kubernetes/resources.ts";
import { eventually, houstonOnCluster } from "./houstonOnCluster.ts";

const houston = await houstonOnCluster();
const { cluster, access, create, remove, reaches, list, get, images, send, nothingLeft } = houston;
const { apiServer, helmController } = cluster;

const deployImage = (releaseName: string, image: string) =>
  send(
    "mutation ($releaseName: String!, $image: String!) { updateDeploymentImage(releaseName: $releaseName, image: $image) { id } }",
    { releaseName, image },
  );

describe("a cluster that cannot be asked", () => {
  it.each([
    ["hangs", () => apiServer.pause(), async () => apiServer.resume()],
    ["is down", () => apiServer.kill(), () => apiServer.start()],
  ])("makes the status UNKNOWN while its API server %s, and what changed meanwhile follows", async (_, begin, end) => {
    const released = await create();
    await reaches(released, "HEALTHY");
    await begin();
    try {
      await reaches(released, "UNKNOWN", expect.stringMatching(/^The cluster has been out of reach since .*: /));
      await deployImage(released.releaseName, "registry.example.com/blue:2");
    } finally {
      await end();
    }
    await eventually(async () => expect(await images(released)).toEqual(["registry.example.com/blue:2"]));
    await reaches(released, "HEALTHY");
    const releases = (await list(helmReleases)).filter(({ metadata }) => metadata.name === released.releaseName);
    expect(releases).toHaveLength(1);
    await remove(released);
    await nothingLeft(released);
  });

  it("makes the status UNKNOWN when the token has expired, until there is a new one", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    await access.renew(5);
    try {
      const reason = /out of reach .*: the credentials of the cluster are not accepted any more$/;
      await reaches(released, "UNKNOWN", expect.stringMatching(reason));
    } finally {
      await access.renew(3_600);
    }
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });

  it("makes the status UNKNOWN when Flux does not answer, until it does", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    await helmController.stop();
    try {
      await deployImage(released.releaseName, "registry.example.com/blue:2");
      await reaches(released, "DEPLOYING", "Flux has not begun with the last change");
      await reaches(released, "UNKNOWN", expect.stringMatching(/^The provisioner has not answered since /));
    } finally {
      await helmController.start();
    }
    await eventually(async () => expect(await images(released)).toEqual(["registry.example.com/blue:2"]));
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });

  it("finishes what Flux was doing when it was killed", async () => {
    const released = await create();
    await eventually(async () => expect((await get(helmReleases, released))?.status?.conditions).toBeDefined());
    await helmController.kill();
    await helmController.start();
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });
});
