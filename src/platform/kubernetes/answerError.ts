import { shortened } from "../errors/shortened.ts";
import { KubernetesError } from "./kubernetes.ts";

/** Maximum length of the message of an error, in characters. */
const MAX_MESSAGE = 500;

/** Kubernetes' own answer to a failed request. */
interface Status {
  kind: "Status";
  code?: number;
  reason?: string;
  message?: string;
  details?: { name?: string };
}

/** The error for an answer with an HTTP status of 300 or more. `secret` is the token sent, which never is in the message. */
export function answerError(httpStatus: number, body: string, secret: string | undefined): KubernetesError {
  const status = parseStatus(body);
  if (httpStatus === 404 && !status?.details?.name) {
    return new KubernetesError("The Kubernetes API does not have this kind of objects", httpStatus);
  }
  if (status) return statusError(status, httpStatus, secret);
  return new KubernetesError(`The Kubernetes API answered with HTTP status ${httpStatus}`, httpStatus);
}

/** The error that a Status describes. */
export function statusError(status: Status, otherwise: number, secret?: string): KubernetesError {
  const { code = otherwise, reason, message = `The Kubernetes API answered with status ${code}` } = status;
  const text = secret ? `${message}`.replaceAll(secret, "[token]") : `${message}`;
  // The error of a job is stored, and PostgreSQL refuses some control characters.
  return new KubernetesError(shortened(text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim(), MAX_MESSAGE), code, reason);
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed = JSON.parse(body);
    return parsed?.kind === "Status" ? parsed : undefined;
  } catch {
    return undefined;
  }
}
