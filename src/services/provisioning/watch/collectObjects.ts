import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { DEPLOYMENT_LABEL } from "../values/labels.ts";
import type { Follower } from "./followObjects.ts";
import { ownerOf } from "./owner.ts";

/** What becomes of the objects of a scope. Keys are unique for all kinds and namespaces. */
export interface Collection {
  put(owner: string, key: string, object: KubernetesObject): void;
  removed(owner: string, key: string): void;
}

/** Notices which objects of a scope vanish, also while nobody watches. Objects without a Deployment are ignored. */
export function collectObjects({
  put,
  removed,
}: Collection): Pick<Follower, "listing" | "page" | "listed" | "changed"> {
  /** The Deployments of the objects that exist, by key. */
  let existing = new Map<string, string>();
  /** The same, of the pages of a list so far. */
  let listed = new Map<string, string>();

  const remove = (key: string) => {
    const deploymentId = existing.get(key);
    if (deploymentId === undefined) return;
    existing.delete(key);
    removed(ownerOf(namespaceIn(key), deploymentId), key);
  };
  const store = (object: KubernetesObject, owners: Map<string, string>) => {
    const key = keyOf(object);
    const deploymentId = object.metadata.labels?.[DEPLOYMENT_LABEL];
    if (existing.get(key) !== deploymentId) remove(key);
    if (!deploymentId) return;
    owners.set(key, deploymentId);
    put(ownerOf(namespaceIn(key), deploymentId), key, object);
  };
  return {
    listing() {
      // What was on the pages of a list that failed.
      for (const [key, deploymentId] of listed) existing.set(key, deploymentId);
      listed = new Map();
    },
    page(objects) {
      for (const object of objects) store(object, listed);
    },
    listed() {
      for (const key of existing.keys()) if (!listed.has(key)) remove(key);
      existing = listed;
    },
    changed({ type, object }) {
      if (type === "DELETED") remove(keyOf(object));
      else store(object, existing);
    },
  };
}

const keyOf = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.namespace}/${metadata.name}`;

/** Not kept beside the key, which would take memory for each object. */
const namespaceIn = (key: string) => key.slice(key.indexOf("/") + 1, key.lastIndexOf("/"));
