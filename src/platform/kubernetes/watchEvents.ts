import { statusError } from "./answerError.ts";
import { listPath } from "./apiPath.ts";
import type { Caller } from "./createCaller.ts";
import { jsonLines } from "./jsonLines.ts";
import { KubernetesError, type KubernetesObject, type Resource, type Scope, type WatchEvent } from "./kubernetes.ts";
import { received } from "./received.ts";

/** Seconds after which the server is asked to end a watch, and up to how many more, so that not all end at once. */
const TIMEOUT = 300;
const JITTER = 60;

/** Seconds after which a watch that the server should have ended is given up. */
const MARGIN = 30;

/** The changes after a resource version, until the server ends the watch. */
export async function* watchEvents(
  caller: Caller,
  resource: Resource,
  scope: Scope & { resourceVersion: string; signal?: AbortSignal },
): AsyncGenerator<WatchEvent> {
  const { namespace, labelSelector, resourceVersion, signal } = scope;
  const timeout = TIMEOUT + Math.floor(Math.random() * JITTER);
  const query = new URLSearchParams({
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: `${timeout}`,
    resourceVersion,
    ...(labelSelector !== undefined && { labelSelector }),
  });
  const path = `${listPath(resource, namespace)}?${query}`;
  const chunks = caller.stream({ method: "GET", path, signal }, (timeout + MARGIN) * 1_000);
  for await (const line of jsonLines(chunks)) yield eventOf(line as Line, resource);
}

/** A line of a watch. The object of ERROR is a Status, that of BOOKMARK has only a resource version. */
interface Line {
  type: string;
  object: KubernetesObject & { code?: number; reason?: string; message?: string };
}

function eventOf({ type, object }: Line, resource: Resource): WatchEvent {
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type, object: received(object, resource), resourceVersion: versionOf(object) };
    case "BOOKMARK":
      return { type, resourceVersion: versionOf(object) };
    case "ERROR":
      throw statusError({ ...object, kind: "Status" }, 500);
    default:
      throw new KubernetesError(`The Kubernetes API sent an event of an unknown type: ${String(type).slice(0, 50)}`);
  }
}

function versionOf({ metadata }: KubernetesObject): string {
  const { resourceVersion } = metadata;
  if (resourceVersion === undefined)
    throw new KubernetesError("The Kubernetes API sent an event without resourceVersion");
  return resourceVersion;
}
