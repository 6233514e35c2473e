import { KubernetesError } from "../../../platform/kubernetes/kubernetes.ts";
import { lineOf } from "../status/fields.ts";

/** Longest message of an error in a cause, in characters. */
const MAX_MESSAGE = 300;

/** Codes of Node for a server that cannot be reached, in words. */
const CODES = new Map([
  ["ECONNREFUSED", "it refuses connections"],
  ["ECONNRESET", "it has closed the connection"],
  ["ENOTFOUND", "its host name is unknown"],
  ["EAI_AGAIN", "its host name cannot be looked up"],
  ["EHOSTUNREACH", "there is no route to it"],
  ["ENETUNREACH", "there is no route to it"],
  ["ETIMEDOUT", "it does not answer"],
]);

/** Why a cluster does not tell what it should, in words that follow "since …:". */
export function causeOfLoss(error: Error): string {
  const { status, cause } = error instanceof KubernetesError ? error : { status: undefined, cause: undefined };
  const message = lineOf(error.message, MAX_MESSAGE);
  if (status === 401) return "the credentials of the cluster are not accepted any more";
  if (status === 403) return `the credentials of the cluster do not suffice: ${message}`;
  const { code = "" } = (cause ?? {}) as NodeJS.ErrnoException;
  return CODES.get(code) ?? message;
}
