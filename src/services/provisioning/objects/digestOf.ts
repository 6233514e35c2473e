import { createHash } from "node:crypto";
import { isMapping } from "../../../platform/config/tree.ts";
import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";

/**
 * SHA-256 of the objects of a Deployment: it differs if there is anything to apply. Those to compare must be of one revision,
 * which counts the digests.
 */
export const objectsDigest = (objects: readonly KubernetesObject[]): string => digestOf(objects);

/** SHA-256 of any JSON, whatever the order of its keys, in hexadecimal. */
export const digestOf = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(ordered(value)) ?? "")
    .digest("hex");

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isMapping(value)) return value;
  // Pairs, because objects list keys that look like numbers first.
  return Object.keys(value)
    .sort()
    .map((key) => [key, ordered(value[key])]);
}
