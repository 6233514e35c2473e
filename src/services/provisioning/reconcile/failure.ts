import type { Services } from "../../../access/context.ts";
import { KubernetesError } from "../../../platform/kubernetes/kubernetes.ts";
import { UnreadableSecret } from "../../../platform/secrets/secretBox.ts";
import { DatabaseServerError } from "../databases/databaseServerError.ts";
import { ValuesError } from "../values/valuesError.ts";
import { storeFirstReason, storeProblem } from "./problem.ts";
import { Waiting } from "./waiting.ts";

/** A run that failed. */
interface Failure {
  error: unknown;
  /** Completes "Houston failed to …". */
  what: "apply" | "remove";
  /** Counts the failures in a row, from 1. */
  attempt: number;
}

/** The attempt at which a temporary failure becomes a problem, about ten seconds after the first one. */
const REPORTED_AT = 3;

/** Client errors that may go away when the same request is sent again. */
const TEMPORARY = [401, 409, 410, 429];

/**
 * Stores why a run has failed: at once if somebody can do something about it, otherwise when it has failed again and again,
 * or an earlier problem is not solved yet.
 */
export async function storeFailure(
  services: Pick<Services, "db" | "log">,
  deploymentId: string,
  { error, what, attempt }: Failure,
): Promise<void> {
  const problem = problemOf(error);
  if (problem !== undefined) return storeProblem(services, deploymentId, problem);
  if (error instanceof Waiting && what === "apply") await storeFirstReason(services, deploymentId, error.message);
  if (error instanceof Waiting || isSilence(error)) return;
  const since = { id: deploymentId, problemSince: { not: null } };
  if (attempt < REPORTED_AT && (await services.db.provision.count({ where: since })) === 0) return;
  const isAnswer = error instanceof KubernetesError;
  if (!isAnswer) services.log.error({ deployment: deploymentId, err: error }, `Could not ${what} a Deployment`);
  const lasting = isAnswer ? `The cluster answered: ${error.message}` : unknownProblemOf(error, what);
  await storeProblem(services, deploymentId, lasting);
}

/** True if an error means that the cluster did not answer. The watch tells that, for all Deployments on it. */
export const isSilence = (error: unknown): boolean => error instanceof KubernetesError && error.status === undefined;

/** What users can do something about, in words; undefined if trying again may help. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof ValuesError || error instanceof DatabaseServerError) return error.message;
  if (error instanceof Waiting) return error.problem;
  if (!(error instanceof KubernetesError)) return undefined;
  const { status = 0, message } = error;
  const isRefusal = status >= 400 && status < 500 && !TEMPORARY.includes(status);
  return isRefusal ? `The cluster refused it: ${message}` : undefined;
}

const unknownProblemOf = (error: unknown, what: Failure["what"]) =>
  error instanceof UnreadableSecret
    ? "A secret cannot be decrypted: no key in encryption.keys fits; Houston's log says which secret it is"
    : `Houston failed to ${what} it; its log says why`;
