import { describe, expect, it } from "vitest";
import { objectPath } from "../../src/platform/kubernetes/apiPath.ts";
import type { KubernetesObject } from "../../src/platform/kubernetes/kubernetes.ts";
import { deployments, helmReleases, pods, secrets } from "../../src/platform/kubernetes/resources.ts";
import { conditionOf } from "../support/kubernetesCluster.ts";
import { eventually, houstonOnCluster, type Released } from "./houstonOnCluster.ts";
import { recordSequence } from "./recordSequence.ts";

const { cluster, create, remove, reaches, list, get, send, nothingLeft } = await houstonOnCluster();

async function schedulerOf({ namespace }: Released): Promise<KubernetesObject> {
  const found = (await list(pods, namespace)).find(({ metadata }) => metadata.labels?.component === "scheduler");
  if (!found) throw new Error("no scheduler");
  return found;
}

/** Sets how the container of a pod is, as the kubelet does. */
async function setContainer({ metadata, spec }: KubernetesObject, ready: boolean, state: object): Promise<void> {
  const status = ready ? "True" : "False";
  const [container] = (spec?.containers ?? []) as { name: string; image: string }[];
  const conditions = ["Initialized", "PodScheduled", "Ready", "ContainersReady"].map((type, n) => ({
    ...{ type, status: n < 2 ? "True" : status, lastTransitionTime: new Date().toISOString() },
  }));
  const containerStatuses = [{ ...container, imageID: "", ready, restartCount: 7, started: ready, state }];
  const { name, namespace = "" } = metadata;
  await cluster.caller.call({
    method: "PATCH",
    path: `${objectPath({ resource: pods, namespace, name })}/status`,
    body: { status: { conditions, containerStatuses } },
    contentType: "application/merge-patch+json",
  });
}

const reconcile = ({ releaseName }: Released) =>
  send("mutation ($releaseName: String!) { reconcileDeployment(releaseName: $releaseName) }", { releaseName });

describe.concurrent("a Deployment that runs", () => {
  it("is UNHEALTHY while its pods crash, and HEALTHY afterwards", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const record = recordSequence(cluster.client, released, "Crash");
    const scheduler = await schedulerOf(released);
    await setContainer(scheduler, false, { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } });
    const reason = expect.stringMatching(/^scheduler: 0 of 1 pods ready: CrashLoopBackOff/);
    await reaches(released, "UNHEALTHY", reason);
    expect(conditionOf(await get(helmReleases, released), "Ready")).toBe("True");
    await setContainer(scheduler, true, { running: { startedAt: new Date().toISOString() } });
    await reaches(released, "HEALTHY");
    await record();
    await remove(released);
    await nothingLeft(released);
  });

  it("says that somebody else changed it, and gets it back when it is reconciled", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const { namespace, releaseName } = released;
    const ref = { resource: deployments, namespace, name: `${releaseName}-statsd` };
    const containers = [{ name: "statsd", image: "registry.example.com/other:1" }];
    await cluster.client.patch(ref, { spec: { template: { spec: { containers } } } });
    await reaches(released, "HEALTHY", expect.stringMatching(/^Somebody else changed it/), 90_000);
    await reconcile(released);
    await reaches(released, "HEALTHY");
    const mended = (await cluster.client.get(ref))?.spec?.template as { spec: { containers: object[] } };
    expect(mended.spec.containers).toMatchObject([{ image: "example.com/statsd:1" }]);
    await remove(released);
    await nothingLeft(released);
  });

  it("gets back what somebody else removed", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const { namespace, releaseName } = released;
    const fernet = { resource: secrets, namespace, name: `${releaseName}-houston-fernet` };
    const before = (await cluster.client.get(fernet))?.data;
    const record = recordSequence(cluster.client, released, "Drift");
    await cluster.client.delete(fernet);
    await cluster.client.delete({ resource: deployments, namespace, name: `${releaseName}-scheduler` });
    await reaches(
      released,
      "UNHEALTHY",
      expect.stringMatching(/^Somebody else changed it.*-scheduler removed/),
      90_000,
    );
    await reconcile(released);
    await reaches(released, "HEALTHY");
    await record();
    expect((await cluster.client.get(fernet))?.data).toEqual(before);
    await schedulerOf(released);
    await remove(released);
    await nothingLeft(released);
  });

  it("comes back if somebody else removed its HelmRelease", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const { namespace, releaseName: name } = released;
    const { uid } = (await get(helmReleases, released))?.metadata ?? {};
    await cluster.client.delete({ resource: helmReleases, namespace, name });
    await eventually(async () => {
      const found = await get(helmReleases, released);
      expect(found?.metadata.uid).toBeDefined();
      expect(found?.metadata.uid).not.toBe(uid);
    });
    await reaches(released, "HEALTHY");
    await remove(released);
    await nothingLeft(released);
  });
});
