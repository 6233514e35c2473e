import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../../src/platform/kubernetes/kubernetes.ts";
import { podCauses } from "../../../src/services/provisioning/status/podCauses.ts";

const pod = (status: Record<string, unknown>, component = "scheduler"): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: component, labels: { component } },
  status,
});
const container = (state: object, lastState = {}) => ({ name: "scheduler", ready: false, state, lastState });
const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });
const ended = (exitCode: number, reason: string) => ({ terminated: { exitCode, reason } });
const causeOf = (status: Record<string, unknown>) => podCauses([pod(status)]).get("scheduler");

describe("why pods do not run", () => {
  it.each([
    ["CrashLoopBackOff: exit code 1", [container(waiting("CrashLoopBackOff", "back-off 5m0s"), ended(1, "Error"))]],
    ["CrashLoopBackOff: OOMKilled, exit code 137", [container(waiting("CrashLoopBackOff"), ended(137, "OOMKilled"))]],
    [
      'ImagePullBackOff: Back-off pulling image "a:1"',
      [container(waiting("ImagePullBackOff", 'Back-off pulling image "a:1"'))],
    ],
    ["CreateContainerConfigError", [container(waiting("CreateContainerConfigError"))]],
    ["exit code 2", [container(ended(2, "Error"))]],
    ["exit code 3", [container({ running: {} }, ended(3, "Error"))]],
    [undefined, [container(waiting("ContainerCreating"))]],
    [undefined, [container({ running: {} })]],
    [undefined, [{ ...container({ running: {} }, ended(3, "Error")), ready: true }]],
  ])("is %s", (cause, containerStatuses) => {
    expect(causeOf({ containerStatuses })).toBe(cause);
    expect(causeOf({ initContainerStatuses: containerStatuses })).toBe(cause);
  });

  it("is that no node has room, or that the pod was evicted", () => {
    const conditions = [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes are available" },
    ];
    expect(causeOf({ conditions })).toBe("0/3 nodes are available");
    expect(causeOf({ phase: "Failed", reason: "Evicted", message: "The node was low on memory" })).toBe(
      "The node was low on memory",
    );
  });

  it("is told for each component, by the first pod that shows one", () => {
    const crashed = { containerStatuses: [container(ended(1, "Error"))] };
    const other = { containerStatuses: [container(ended(2, "Error"))] };
    const pods = [pod({}), pod(crashed), pod(other), pod(other, "worker"), pod({}, "webserver")];
    expect(Object.fromEntries(podCauses(pods))).toEqual({ scheduler: "exit code 1", worker: "exit code 2" });
  });

  it("is short, whatever pods contain", () => {
    const json = fc.jsonValue();
    const state = fc.oneof(
      fc.record({ waiting: fc.oneof(fc.record({ reason: json, message: json }), json), terminated: json }),
      json,
    );
    const containers = fc.oneof(fc.array(fc.oneof(fc.record({ state, lastState: state, ready: json }), json)), json);
    const status = fc.record({
      containerStatuses: containers,
      initContainerStatuses: containers,
      conditions: json,
      phase: json,
    });
    fc.assert(
      fc.property(status, (one) => {
        const cause = causeOf(one as Record<string, unknown>);
        if (cause !== undefined) expect(cause.length).toBeLessThanOrEqual(300);
      }),
    );
    expect(causeOf({ phase: "Failed", message: "x".repeat(10_000) })?.length).toBe(300);
  });
});
