import { apiVersionOf } from "./apiPath.ts";
import type { KubernetesObject, Resource } from "./kubernetes.ts";

/**
 * An object as the API sent it, with the kind that items of lists lack. Without `managedFields`: nobody reads them, they may be
 * larger than the rest, and no object with them may be applied.
 */
export function received(value: unknown, resource: Resource): KubernetesObject {
  const object = value as KubernetesObject & { metadata: { managedFields?: unknown } };
  object.apiVersion ??= apiVersionOf(resource);
  object.kind ??= resource.kind;
  // Set, not deleted: V8 keeps objects that lost a field in more memory.
  if (object.metadata.managedFields) object.metadata.managedFields = undefined;
  return object;
}
