import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { fieldsOf, lineOf, listOf, numberOf, textOf } from "./fields.ts";

/** Longest cause, in characters. */
const MAX_CAUSE = 300;

/** Reasons of containers that are on their way. */
const STARTING = new Set(["ContainerCreating", "PodInitializing"]);

/** Why pods do not run, by the component that their label names: for each the first cause that a pod shows. Never throws. */
export function podCauses(pods: readonly KubernetesObject[]): Map<string, string> {
  const causes = new Map<string, string>();
  for (const pod of pods) {
    const component = textOf(fieldsOf(fieldsOf(pod.metadata).labels).component);
    const cause = causeOfPod(fieldsOf(pod.status));
    if (component && cause && !causes.has(component)) causes.set(component, lineOf(cause, MAX_CAUSE));
  }
  return causes;
}

function causeOfPod(status: Record<string, unknown>): string | undefined {
  const scheduled = listOf(status.conditions)
    .map(fieldsOf)
    .find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return textOf(scheduled.message) ?? textOf(scheduled.reason);
  const containers = [...listOf(status.initContainerStatuses), ...listOf(status.containerStatuses)].map(fieldsOf);
  for (const container of containers) {
    const cause = causeOfContainer(container);
    if (cause) return cause;
  }
  // Evicted, for one.
  return status.phase === "Failed" ? (textOf(status.message) ?? textOf(status.reason)) : undefined;
}

function causeOfContainer(container: Record<string, unknown>): string | undefined {
  const { waiting, terminated } = fieldsOf(container.state);
  const exit = exitOf(terminated) ?? exitOf(fieldsOf(container.lastState).terminated);
  const reason = textOf(fieldsOf(waiting).reason);
  if (reason && !STARTING.has(reason)) {
    // Of a container that crashes again and again, the message only says when it will be started next.
    const why = exit ?? textOf(fieldsOf(waiting).message);
    return why ? `${reason}: ${why}` : reason;
  }
  return container.ready === true ? undefined : exit;
}

/** How a container ended, unless well. */
function exitOf(terminated: unknown): string | undefined {
  const { reason, exitCode } = fieldsOf(terminated);
  const code = numberOf(exitCode);
  if (code === undefined || code === 0) return undefined;
  const why = textOf(reason);
  return why && why !== "Error" ? `${why}, exit code ${code}` : `exit code ${code}`;
}
