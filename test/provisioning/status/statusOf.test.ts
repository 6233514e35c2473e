import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeploymentStatusType } from "../../../src/generated/prisma/enums.ts";
import { configFrom } from "../../../src/platform/config/config.ts";
import type { KubernetesObject } from "../../../src/platform/kubernetes/kubernetes.ts";
import { type ReleaseRecord, releaseRecord } from "../../../src/services/provisioning/status/releaseRecord.ts";
import { statusOf } from "../../../src/services/provisioning/status/statusOf.ts";
import { timingsOf } from "../../../src/services/provisioning/status/timings.ts";
import { type WorkloadRecord, workloadRecord } from "../../../src/services/provisioning/status/workloadRecord.ts";

const folder = new URL("sequences/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

/** A step of a sequence. */
interface Step {
  at: string;
  release: KubernetesObject | null;
  workloads: KubernetesObject[];
  expect: { status: string; reason: string | null };
}

const timings = timingsOf(configFrom().flux);
const MINUTE = 60_000;
const start = Date.parse("2026-11-29T10:00:00Z");
const at = (minutes: number) => new Date(start + minutes * MINUTE);

/** The state after `release` and `workloads` were first seen at `now`. */
function stateOf(release: KubernetesObject | null, workloads: readonly KubernetesObject[], now: Date) {
  const seen = (object: KubernetesObject) => workloadRecord(object, now.getTime());
  return statusOf(release ? releaseRecord(release, now.getTime()) : undefined, workloads.map(seen), now, timings);
}

const release = (metadata: object, status?: object): KubernetesObject => ({
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name: "a", namespace: "airflow", generation: 1, ...metadata },
  ...(status && { status: status as Record<string, unknown> }),
});
const condition = (type: string, status: string, reason: string, message = "", minute = 0) => ({
  ...{ type, status, reason, message, lastTransitionTime: at(minute).toISOString() },
});
const readyAt = (minute: number) => ({
  observedGeneration: 1,
  lastAttemptedGeneration: 1,
  conditions: [condition("Ready", "True", "InstallSucceeded", "", minute)],
});
const workload = (metadata: object, replicas: number, status: object): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "a-scheduler",
    namespace: "airflow",
    generation: 1,
    labels: { component: "scheduler" },
    ...metadata,
  },
  spec: { replicas },
  status: { observedGeneration: 1, ...status },
});

describe("the status of a Deployment", () => {
  it.each(files)("follows what helm-controller reports: %s", (file) => {
    const steps: Step[] = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    let record: ReleaseRecord | undefined;
    let workloads = new Map<string, WorkloadRecord>();
    const states = steps.map((step) => {
      const now = new Date(step.at);
      record = step.release ? releaseRecord(step.release, now.getTime(), record) : undefined;
      const seen = ({ metadata: { name } }: KubernetesObject) => workloads.get(name);
      workloads = new Map(
        step.workloads.map((one) => [one.metadata.name, workloadRecord(one, now.getTime(), seen(one))]),
      );
      return statusOf(record, [...workloads.values()], now, timings);
    });
    expect(states.map(({ status, reason }) => ({ status, reason }))).toEqual(steps.map((step) => step.expect));
  });

  it("does not wait for pods of which Kubernetes says that they crash", () => {
    const created = { creationTimestamp: at(0).toISOString() };
    const record = releaseRecord(release(created, readyAt(3)), at(4).getTime());
    const stateWith = (cause: string | undefined) => {
      const one = { ...workloadRecord(workload(created, 1, {}), at(4).getTime()), cause };
      return statusOf(record, [one], at(4), timings).status;
    };
    expect(stateWith(undefined)).toBe("DEPLOYING");
    expect(stateWith("0/3 nodes are available: insufficient memory")).toBe("DEPLOYING");
    for (const cause of ["CrashLoopBackOff: exit code 1", "ImagePullBackOff", "OOMKilled, exit code 137"])
      expect(stateWith(cause), cause).toBe("UNHEALTHY");
  });

  it("takes a chart that has only just been asked for as a failure after five minutes", () => {
    const notReady = (message: string) => ({
      observedGeneration: 1,
      conditions: [condition("Ready", "False", "SourceNotReady", message, 1)],
    });
    const message = "HelmChart 'flux-system/a' is not ready: latest generation of object has not been reconciled";
    const fetching = { status: "DEPLOYING", reason: "Flux is fetching the chart", recheckAt: at(6) };
    expect(stateOf(release({}, notReady(message)), [], at(2))).toEqual(fetching);
    expect(stateOf(release({}, notReady(message)), [], at(6)).status).toBe("UNHEALTHY");
    expect(stateOf(release({}, notReady("no such version")), [], at(2)).status).toBe("UNHEALTHY");
  });

  it("is looked at again when the provisioner should have answered, and when pods should be ready", () => {
    const created = { creationTimestamp: at(0).toISOString() };
    expect(stateOf(release(created), [], at(1)).recheckAt).toEqual(at(50));
    expect(
      stateOf(release({ ...created, deletionTimestamp: at(7).toISOString() }, readyAt(1)), [], at(8)).recheckAt,
    ).toEqual(at(57));
    const starting = stateOf(release(created, readyAt(3)), [workload(created, 1, {})], at(4));
    expect(starting).toMatchObject({ status: "DEPLOYING", recheckAt: at(8) });
    const late = stateOf(release(created, readyAt(3)), [workload(created, 1, {})], at(8));
    expect(late).toEqual({ status: "UNHEALTHY", reason: "scheduler: 0 of 1 pods ready" });
    expect(stateOf(release(created, readyAt(3)), [], at(4))).toEqual({ status: "HEALTHY", reason: null });
  });

  it("has a reason for what the table does not know", () => {
    const odd = release({}, { observedGeneration: 1, conditions: [condition("Ready", "Unknown", "Odd", "who knows")] });
    expect(stateOf(odd, [], at(1))).toEqual({ status: "UNKNOWN", reason: "Odd: who knows" });
    const silent = release(
      {},
      { observedGeneration: 1, conditions: [condition("Released", "True", "InstallSucceeded")] },
    );
    expect(stateOf(silent, [], at(1))).toEqual({ status: "UNKNOWN", reason: "Flux does not say whether it is ready" });
    const bare = release({}, { observedGeneration: 1, conditions: [{ type: "Ready", status: "False" }] });
    expect(stateOf(bare, [], at(1))).toEqual({ status: "UNHEALTHY", reason: "no reason was given" });
  });

  it("gives pods time after a change of their number, but not after a crash", () => {
    const object = release({}, readyAt(0));
    const record = releaseRecord(object, start);
    const before = workloadRecord(workload({}, 1, { availableReplicas: 1 }), start);
    const crashed = workloadRecord(workload({}, 1, {}), at(60).getTime(), before);
    expect(statusOf(record, [crashed], at(60), timings)).toMatchObject({ status: "UNHEALTHY" });
    const scaled = workload({ generation: 2 }, 3, { observedGeneration: 2, availableReplicas: 1 });
    const scaling = workloadRecord(scaled, at(60).getTime(), before);
    expect(statusOf(record, [scaling], at(61), timings)).toMatchObject({ status: "DEPLOYING", recheckAt: at(65) });
    expect(statusOf(record, [workloadRecord(scaled, at(64).getTime(), scaling)], at(66), timings).status).toBe(
      "UNHEALTHY",
    );
    const unseen = workloadRecord(workload({ generation: 2 }, 1, { availableReplicas: 1 }), at(60).getTime(), before);
    expect(statusOf(record, [unseen], at(61), timings)).toMatchObject({
      status: "DEPLOYING",
      reason: "scheduler: the last change has not been looked at yet",
    });
  });

  it("is UNHEALTHY if somebody else removed a workload, which then does not miss any pods", () => {
    const drifted = (what: string) => {
      const { conditions, ...status } = readyAt(0);
      const message = `Cluster state of release a/a.v1 has drifted from the desired state:\n${what}`;
      const drift = condition("Drifted", "True", "DriftDetected", message);
      return stateOf(release({}, { ...status, conditions: [...conditions, drift] }), [], at(60));
    };
    expect(drifted("Deployment/a/a-scheduler removed\nJob/a/a-db-1 excluded")).toMatchObject({ status: "UNHEALTHY" });
    expect(drifted("StatefulSet/a/a-redis removed")).toMatchObject({ status: "UNHEALTHY" });
    for (const what of ["Deployment/a/b changed (0 additions, 1 changes, 0 removals)", "ConfigMap/a/a-config removed"])
      expect(drifted(what)).toMatchObject({ status: "HEALTHY", reason: expect.stringContaining(what) });
  });

  it("counts the silence from when a change was seen first", () => {
    const seen = (object: KubernetesObject, minute: number, previous?: ReleaseRecord) =>
      releaseRecord(object, at(minute).getTime(), previous);
    const changed = release({ generation: 2 }, readyAt(0));
    const first = seen(changed, 100);
    const later = seen({ ...changed, metadata: { ...changed.metadata, labels: { a: "b" } } }, 120, first);
    expect(statusOf(later, [], at(149), timings)).toMatchObject({ status: "DEPLOYING", recheckAt: at(150) });
    expect(statusOf(later, [], at(150), timings)).toMatchObject({ status: "UNKNOWN" });
    const next = seen({ ...changed, metadata: { ...changed.metadata, generation: 3 } }, 149, later);
    expect(statusOf(next, [], at(150), timings)).toMatchObject({ status: "DEPLOYING", recheckAt: at(199) });
  });

  it("keeps little of an object with long messages, and no character that PostgreSQL refuses", () => {
    const long = (type: string) => condition(type, "False", "R".repeat(1_000), `\u0000\ud800 ${"🛑\n".repeat(10_000)}`);
    const types = ["Ready", "Reconciling", "Stalled", "Released", "Remediated", "Drifted", "TestSuccess"];
    const record = releaseRecord(release({}, { conditions: types.map(long) }), start);
    expect(JSON.stringify(record).length).toBeLessThan(15_000);
    const { reason } = statusOf(record, [], at(0), timings);
    expect(reason?.length).toBeLessThanOrEqual(1_000);
    expect(reason?.isWellFormed()).toBe(true);
    expect(reason).not.toMatch(/\p{Cc}/u);
  });

  it("is one of the statuses with a reason unless healthy, the same each time, whatever objects contain", () => {
    const types = fc.constantFrom("Ready", "Reconciling", "Stalled", "Released", "Remediated", "Drifted");
    const reasons = fc.constantFrom("UninstallFailed", "RollbackSucceeded", "RetriesExceeded", "constructor", "");
    const moment = fc.oneof(
      fc.integer({ min: -100, max: 100 }).map((minute) => at(minute).toISOString()),
      fc.string(),
    );
    const real = fc.record(
      {
        type: types,
        status: fc.constantFrom("True", "False", "Unknown"),
        reason: fc.oneof(reasons, fc.string()),
        message: fc.string({ unit: "binary", maxLength: 2_000 }),
        lastTransitionTime: moment,
        observedGeneration: fc.integer({ min: 0, max: 3 }),
      },
      { requiredKeys: [] },
    );
    const some = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 8, arbitrary: value }, fc.jsonValue());
    const generation = some(fc.integer({ min: -1, max: 3 }));
    const metadata = fc.record(
      {
        generation,
        labels: some(fc.record({ component: fc.string() })),
        annotations: some(fc.record({ "reconcile.fluxcd.io/requestedAt": some(moment) })),
        creationTimestamp: some(moment),
        deletionTimestamp: some(moment),
      },
      { requiredKeys: [] },
    );
    const status = fc.record(
      {
        ...{
          observedGeneration: generation,
          lastAttemptedGeneration: generation,
          lastHandledReconcileAt: some(moment),
        },
        ...{ conditions: some(fc.array(some(real))), availableReplicas: generation, readyReplicas: generation },
      },
      { requiredKeys: [] },
    );
    const spec = some(fc.record({ suspend: some(fc.boolean()), replicas: generation }));
    const object = fc.record({ metadata: some(metadata), spec, status: some(status) }, { requiredKeys: [] });
    const minutes = fc.integer({ min: -200, max: 200 });
    fc.assert(
      fc.property(object, fc.array(object, { maxLength: 3 }), minutes, minutes, (one, others, minute, later) => {
        const now = at(minute);
        const seen = now.getTime();
        const record = releaseRecord(one as KubernetesObject, seen);
        const workloads = others.map((other) => workloadRecord(other as KubernetesObject, seen));
        const state = statusOf(record, workloads, now, timings);
        expect(Object.values(DeploymentStatusType)).toContain(state.status);
        if (state.status !== "HEALTHY") expect(state.reason).not.toBeNull();
        if (state.reason !== null) expect(state.reason).toMatch(/^\P{Cc}+$/u);
        expect(state.reason?.length ?? 0).toBeLessThanOrEqual(1_000);
        expect(statusOf(record, workloads, now, timings)).toEqual(state);
        // Time alone changes nothing before then.
        const recheckAt = state.recheckAt?.getTime() ?? Number.POSITIVE_INFINITY;
        expect(recheckAt).toBeGreaterThan(seen);
        const next = new Date(Math.min(recheckAt - 1, at(minute + Math.abs(later)).getTime()));
        expect(statusOf(record, workloads, next, timings)).toEqual(state);
      }),
      { numRuns: 2_000 },
    );
  });
});
