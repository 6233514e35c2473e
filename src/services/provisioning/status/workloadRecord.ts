import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { conditionsOf } from "./condition.ts";
import { fieldsOf, lineOf, numberOf, textOf, timeOf } from "./fields.ts";

/** Longest name of a component, in characters; labels have at most 63. */
const MAX_NAME = 63;

/** What is kept of a Deployment or StatefulSet of Kubernetes: whether its pods run. */
export interface WorkloadRecord {
  /** The part of Airflow that it runs, such as `scheduler`. */
  component: string;
  generation: number;
  /** Number of pods that it should have. */
  wanted: number;
  /** Number of its pods that are ready. */
  available: number;
  /** False while Kubernetes has not looked at the last change. */
  current: boolean;
  /** Its own deadline for a change has passed. */
  stuck: boolean;
  /** What keeps its pods from running, as far as it is known. */
  cause: string | undefined;
  /** When it was last changed or scaled, in milliseconds. */
  changedAt: number;
}

/**
 * The record of a Deployment or StatefulSet. The API does not say when it was changed: at `seenAt`, in milliseconds, if the `previous`
 * record is of another generation; without one, when it was created. Never throws, whatever the object contains.
 */
export function workloadRecord(object: KubernetesObject, seenAt: number, previous?: WorkloadRecord): WorkloadRecord {
  const metadata = fieldsOf(object.metadata);
  const status = fieldsOf(object.status);
  const generation = numberOf(metadata.generation) ?? 0;
  const { Progressing, ReplicaFailure } = conditionsOf(status, ["Progressing", "ReplicaFailure"]);
  const stuck = Progressing?.status === "False";
  const failed = ReplicaFailure?.status === "True" ? ReplicaFailure.message : undefined;
  const name = textOf(fieldsOf(metadata.labels).component) ?? textOf(metadata.name) ?? "a workload";
  return {
    component: lineOf(name, MAX_NAME),
    generation,
    wanted: numberOf(fieldsOf(object.spec).replicas) ?? 1,
    available: numberOf(status.availableReplicas) ?? numberOf(status.readyReplicas) ?? 0,
    current: (numberOf(status.observedGeneration) ?? 0) >= generation,
    stuck,
    cause: failed ?? (stuck ? Progressing.message : undefined),
    changedAt: changeSeen(generation, seenAt, previous) ?? timeOf(metadata.creationTimestamp) ?? seenAt,
  };
}

/** True if it runs as it should. */
export const runs = ({ current, stuck, available, wanted }: WorkloadRecord): boolean =>
  current && !stuck && available >= wanted;

const changeSeen = (generation: number, seenAt: number, previous: WorkloadRecord | undefined) =>
  previous && (previous.generation === generation ? previous.changedAt : seenAt);
