import { randomUUID } from "node:crypto";
import type { KubernetesObject } from "../../src/platform/kubernetes/kubernetes.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind.
type Tree = any;

/** What happened to an object, as a watch reports it. */
export interface Change {
  type: "ADDED" | "MODIFIED" | "DELETED";
  /** The path of all objects of its kind: `/apis/apps/v1/deployments`. */
  kind: string;
  object: KubernetesObject;
  version: number;
}

/** The path of an object or of a list, taken apart. */
export interface Place {
  kind: string;
  namespace?: string;
  name?: string;
}

/** The objects of a test server: what the API server's storage does with versions, generations and finalizers. */
export function kubernetesStore() {
  const objects = new Map<string, KubernetesObject>();
  /** What was applied last, for the fields that the next one removes. */
  const applied = new Map<string, Tree>();
  const listeners = new Set<(change: Change) => void>();
  let changes: Change[] = [];
  let version = 100;
  let oldest = version;

  const keyOf = ({ kind, namespace = "", name = "" }: Place) => `${kind} ${namespace} ${name}`;

  function record(type: Change["type"], place: Place, object: KubernetesObject) {
    version += 1;
    object.metadata.resourceVersion = `${version}`;
    const change = { type, kind: place.kind, object: structuredClone(object), version };
    changes.push(change);
    for (const listener of listeners) listener(change);
  }

  /** Stores the next state of an object. One that is deleted goes once it has no finalizers. */
  function put(place: Place, next: KubernetesObject): KubernetesObject {
    const key = keyOf(place);
    const earlier = objects.get(key);
    const {
      uid = randomUUID(),
      creationTimestamp = new Date().toISOString(),
      generation = 0,
    } = earlier?.metadata ?? {};
    const isChanged = !earlier || JSON.stringify(earlier.spec) !== JSON.stringify(next.spec);
    const metadata = { ...next.metadata, uid, creationTimestamp, generation: generation + (isChanged ? 1 : 0) };
    const object = { ...next, metadata };
    if (metadata.deletionTimestamp && !metadata.finalizers?.length) {
      objects.delete(key);
      applied.delete(key);
      record("DELETED", place, object);
    } else if (earlier && JSON.stringify(withoutVersion(earlier)) === JSON.stringify(withoutVersion(object))) {
      return structuredClone(earlier);
    } else {
      objects.set(key, object);
      record(earlier ? "MODIFIED" : "ADDED", place, object);
    }
    return structuredClone(object);
  }

  return {
    get version() {
      return version;
    },
    get oldest() {
      return oldest;
    },
    get: (place: Place) => structuredClone(objects.get(keyOf(place))),
    put,

    /** Server-side apply: fields that were applied earlier and are missing now go. */
    apply(place: Place, body: Tree): KubernetesObject {
      const key = keyOf(place);
      const kept = without(objects.get(key) ?? {}, applied.get(key) ?? {}, body);
      applied.set(key, structuredClone(body));
      return put(place, merged(kept, body));
    },

    /** A JSON merge patch. Undefined if there is no such object. */
    patch(place: Place, change: Tree): KubernetesObject | undefined {
      const earlier = objects.get(keyOf(place));
      return earlier && put(place, merged(structuredClone(earlier), change));
    },

    /** Removes an object, or marks it as deleted while it has finalizers. False if there is none. */
    remove(place: Place): boolean {
      const earlier = objects.get(keyOf(place));
      if (!earlier) return false;
      const { deletionTimestamp = new Date().toISOString() } = earlier.metadata;
      put(place, { ...earlier, metadata: { ...earlier.metadata, deletionTimestamp } });
      return true;
    },

    list: (place: Place, selector: string | null) =>
      [...objects]
        .filter(([key]) => key.startsWith(`${place.kind} ${place.namespace ?? ""}`))
        .map(([, object]) => structuredClone(object))
        .filter((object) => isIn(place, object) && isSelected(object, selector)),

    since: (after: number) => changes.filter((change) => change.version > after),

    /** Forgets the changes so far: a watch after an earlier version is refused. */
    compact() {
      changes = [];
      oldest = version;
    },

    onChange(listener: (change: Change) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether an object is in the namespace of a list. */
export const isIn = ({ namespace }: Place, { metadata }: KubernetesObject) =>
  namespace === undefined || metadata.namespace === namespace;

/** Whether an object has the labels of a selector such as `name=value,other`. */
export const isSelected = ({ metadata }: KubernetesObject, selector: string | null) =>
  (selector ?? "").split(",").every((term) => {
    const [name = "", value] = term.split("=");
    return name === "" || (value === undefined ? name in (metadata.labels ?? {}) : metadata.labels?.[name] === value);
  });

const isTree = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

const withoutVersion = ({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubernetesObject) => ({
  ...rest,
  metadata,
});

/** `change` over `tree`; null removes. */
function merged(tree: Tree, change: Tree): Tree {
  if (!isTree(change)) return change;
  const result = isTree(tree) ? { ...tree } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** `tree` without what was in `earlier` and is not in `now`. */
function without(tree: Tree, earlier: Tree, now: Tree): Tree {
  const result = { ...tree };
  for (const key of Object.keys(earlier)) {
    if (now?.[key] === undefined) delete result[key];
    else if (isTree(result[key]) && isTree(earlier[key])) result[key] = without(result[key], earlier[key], now[key]);
  }
  return result;
}
