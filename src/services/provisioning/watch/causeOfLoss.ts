import { KubernetesError } from "../../../platform/kubernetes/kubernetes.ts";
import { lineOf } from "../status/fields.ts";
import { networkCauses } from "../status/networkCauses.ts";

/** Longest message of an error in a cause, in characters. */
const MAX_MESSAGE = 300;

/** Why a cluster does not tell what it should, in words that follow "since …:". */
export function causeOfLoss(error: Error): string {
  const { status, cause } = error instanceof KubernetesError ? error : { status: undefined, cause: undefined };
  const message = lineOf(error.message, MAX_MESSAGE);
  if (status === 401) return "the credentials of the cluster are not accepted any more";
  if (status === 403) return `the credentials of the cluster do not suffice: ${message}`;
  const { code = "" } = (cause ?? {}) as NodeJS.ErrnoException;
  return networkCauses.get(code) ?? message;
}
