import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { configFrom } from "../../src/platform/config/config.ts";
import type { KubernetesClient, KubernetesObject, Resource } from "../../src/platform/kubernetes/kubernetes.ts";
import { deployments, helmReleases, statefulSets } from "../../src/platform/kubernetes/resources.ts";
import { type ReleaseRecord, releaseRecord } from "../../src/services/provisioning/status/releaseRecord.ts";
import { type DeploymentState, statusOf } from "../../src/services/provisioning/status/statusOf.ts";
import { timingsOf } from "../../src/services/provisioning/status/timings.ts";
import { runs, type WorkloadRecord, workloadRecord } from "../../src/services/provisioning/status/workloadRecord.ts";
import type { Released } from "./houstonOnCluster.ts";

/** The time at which every sequence begins. */
const BEGIN = Date.parse("2026-11-29T10:00:00Z");

const timings = timingsOf(configFrom().flux);

/** One step of a sequence: what there was, and the status that follows from it. */
interface Step {
  at: string;
  release: KubernetesObject | null;
  workloads: KubernetesObject[];
  expect: Pick<DeploymentState, "status" | "reason">;
}

/**
 * With RECORD=on, writes what the controllers say about a Deployment from now on to `test/provisioning/status/sequences`, as
 * the sequence `recorded<name>`; call the result at its end. Otherwise does nothing.
 */
export function recordSequence(client: KubernetesClient, released: Released, name: string): () => Promise<void> {
  if (process.env.RECORD !== "on") return async () => undefined;
  const stopped = new AbortController();
  const { namespace } = released;
  const objects = new Map<string, KubernetesObject>();
  const records = new Map<string, WorkloadRecord>();
  let record: ReleaseRecord | undefined;
  const steps: Step[] = [];

  const isRelease = ({ kind }: KubernetesObject) => kind === helmReleases.kind;
  const keyOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;
  const look = () => {
    const now = new Date();
    const all = [...objects.values()];
    const release = all.find(isRelease);
    record = release && releaseRecord(release, now.getTime(), record);
    // Those that run do not matter.
    const workloads = all.filter((object) => {
      if (isRelease(object)) return false;
      const found = workloadRecord(object, now.getTime(), records.get(keyOf(object)));
      records.set(keyOf(object), found);
      return !runs(found);
    });
    const missing = workloads.flatMap((object) => records.get(keyOf(object)) ?? []);
    const { status, reason } = statusOf(record, missing, now, timings);
    const last = steps.at(-1)?.expect;
    if (last?.status === status && last.reason === reason) return;
    steps.push({
      at: now.toISOString(),
      release: release ? shortened(release) : null,
      workloads: workloads.map(shortened),
      expect: { status, reason },
    });
  };
  const follow = async (resource: Resource) => {
    const { signal } = stopped;
    let resourceVersion = "";
    for await (const page of client.list(resource, { namespace, signal })) {
      for (const object of page.items) objects.set(keyOf(object), object);
      ({ resourceVersion } = page);
    }
    for await (const event of client.watch(resource, { namespace, resourceVersion, signal })) {
      if (event.type === "BOOKMARK") continue;
      if (event.type === "DELETED") objects.delete(keyOf(event.object));
      else objects.set(keyOf(event.object), event.object);
      look();
    }
  };
  for (const resource of [helmReleases, deployments, statefulSets]) void follow(resource).catch(() => undefined);

  // Some statuses change by time alone.
  const timer = setInterval(look, 1_000).unref();

  return async () => {
    // What Houston has seen by now may not have arrived here.
    await sleep(1_000);
    clearInterval(timer);
    stopped.abort();
    const file = `test/provisioning/status/sequences/recorded${name}.json`;
    await writeFile(file, anonymous(JSON.stringify(steps, null, 2), released, steps[0]?.at ?? ""));
  };
}

/** The fields that a status may depend on. */
function shortened({ apiVersion, kind, metadata, spec = {}, status = {} }: KubernetesObject): KubernetesObject {
  const pick = (object: object, ...keys: string[]) =>
    Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      ...pick(metadata, "namespace", "generation", "creationTimestamp", "deletionTimestamp", "finalizers"),
      labels: pick(metadata.labels ?? {}, "app.kubernetes.io/managed-by", "houston/deployment", "component"),
      ...(kind === helmReleases.kind && pick(metadata, "annotations")),
    },
    spec: pick(spec, "interval", "timeout", "replicas"),
    status: pick(
      status,
      ...["observedGeneration", "lastAttemptedGeneration", "lastHandledReconcileAt", "conditions"],
      ...["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"],
    ),
  };
}

/** Replaces what is different each time: names, IDs, and when it began. */
function anonymous(text: string, { id, releaseName, namespace }: Released, began: string): string {
  const shift = BEGIN - Date.parse(began);
  return text
    .replaceAll(namespace, "acme-quasar-1234")
    .replaceAll(releaseName, "quasar-1234")
    .replaceAll(id, "cm0quasar")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time, fraction) => {
      const moved = new Date(Date.parse(time) + shift).toISOString();
      return fraction ? moved : moved.replace(/\.\d+Z$/, "Z");
    });
}
