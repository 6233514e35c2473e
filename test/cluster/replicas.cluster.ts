import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { helmReleases, namespaces } from "../../src/platform/kubernetes/resources.ts";
import type { HoustonProcess } from "../support/houstonProcess.ts";
import { houstonOnCluster } from "./houstonOnCluster.ts";

const { replicas, create, remove, reaches, list, revisions, databases, send, nothingLeft } = await houstonOnCluster({
  count: 3,
  started: 2,
});
const [one, two, three] = replicas as [HoustonProcess, HoustonProcess, HoustonProcess];

const COUNT = 6;

it("two replicas that are killed while they create and remove Deployments leave nothing half done", async () => {
  const early = await Promise.all([create(), create()]);
  await Promise.all(early.map((released) => reaches(released, "HEALTHY")));
  const created = await Promise.all(Array.from({ length: COUNT }, (_, n) => create({}, n % 2 === 0 ? one : two)));
  for (const released of early) await remove(released);
  await sleep(300);
  await Promise.all([one.stop("SIGKILL"), two.stop("SIGKILL")]);
  await three.start(120_000);
  await Promise.all(created.map((released) => reaches(released, "HEALTHY", null, 300_000)));
  for (const released of early) await nothingLeft(released);
  const expected = created.map(({ releaseName }) => releaseName).sort();
  expect((await list(helmReleases)).map(({ metadata }) => metadata.name).sort()).toEqual(expected);
  expect((await list(namespaces)).map(({ metadata }) => metadata.name).sort()).toEqual(
    created.map(({ namespace }) => namespace).sort(),
  );
  expect(new Set(await databases()).size).toBe(COUNT);
  for (const released of created) expect(await revisions(released)).toEqual(["v1"]);
  for (const { id } of created) {
    await send(
      "mutation ($id: Uuid!) { deleteDeployment(deploymentUuid: $id, deploymentHardDelete: true) { id } }",
      { id },
      three,
    );
  }
  await nothingLeft();
});
