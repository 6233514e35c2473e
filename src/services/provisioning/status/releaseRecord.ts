import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { type Condition, conditionsGeneration, conditionsOf } from "./condition.ts";
import { fieldsOf, lineOf, listOf, numberOf, textOf, timeOf } from "./fields.ts";

/** What is kept of a HelmRelease: all that its status depends on. Times in milliseconds. */
export interface ReleaseRecord {
  generation: number;
  /** The latest generation that helm-controller has looked at; 0 if none. */
  attempted: number;
  /** False until helm-controller has written a status. */
  hasStatus: boolean;
  suspended: boolean;
  /** When the wanted state was last written, as far as it was seen. */
  changedAt: number;
  /** When its deletion was requested. */
  deletedAt: number | undefined;
  /** When a reconciliation was requested by annotation that helm-controller has not handled yet. */
  requestedAt: number | undefined;
  /** The last reconciliation that was requested by annotation, whether it was handled or not. */
  request: string | undefined;
  conditions: Partial<Record<(typeof CONDITIONS)[number], Condition>>;
}

/** Characters of a request that are kept: Houston and the `flux` command write a time. */
const MAX_REQUEST = 64;

const CONDITIONS = ["Ready", "Reconciling", "Stalled", "Released", "Remediated", "Drifted"] as const;

/**
 * The record of a HelmRelease. The API does not say when the wanted state was changed: at `seenAt`, in milliseconds, unless the `previous`
 * record has the same. Never throws, whatever the object contains.
 */
export function releaseRecord(object: KubernetesObject, seenAt: number, previous?: ReleaseRecord): ReleaseRecord {
  const metadata = fieldsOf(object.metadata);
  const status = fieldsOf(object.status);
  const generation = numberOf(metadata.generation) ?? 0;
  const same = previous?.generation === generation ? previous : undefined;
  const lastAttempted = numberOf(status.lastAttemptedGeneration) ?? 0;
  // The API server itself sets it to -1 at creation.
  const observed = numberOf(status.observedGeneration) ?? 0;
  const createdAt = generation === 1 ? timeOf(metadata.creationTimestamp) : undefined;
  const changedAt = same?.changedAt ?? createdAt ?? seenAt;
  const requested = textOf(fieldsOf(metadata.annotations)["reconcile.fluxcd.io/requestedAt"]);
  const open = requested !== undefined && requested !== status.lastHandledReconcileAt;
  return {
    generation,
    // It moves `observedGeneration` only when ready or stalled, and `lastAttemptedGeneration` only once it has the chart.
    attempted: Math.max(lastAttempted, observed, conditionsGeneration(status)),
    hasStatus: lastAttempted > 0 || observed > 0 || listOf(status.conditions).length > 0,
    suspended: fieldsOf(object.spec).suspend === true,
    changedAt,
    deletedAt:
      metadata.deletionTimestamp === undefined
        ? undefined
        : (timeOf(metadata.deletionTimestamp) ?? previous?.deletedAt ?? seenAt),
    // Another request does not answer the one before.
    requestedAt: open ? (previous?.requestedAt ?? timeOf(requested) ?? seenAt) : undefined,
    request: requested && lineOf(requested, MAX_REQUEST),
    conditions: conditionsOf(status, CONDITIONS),
  };
}
