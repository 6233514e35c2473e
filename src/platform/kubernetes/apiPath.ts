import type { ObjectRef, Resource } from "./kubernetes.ts";

/** `apps/v1`, or `v1` for the core group. */
export const apiVersionOf = ({ group, version }: Resource) => (group === "" ? version : `${group}/${version}`);

/** The path of one object. Throws TypeError if the name or the namespace is missing or would lead elsewhere. */
export const objectPath = ({ resource, namespace, name }: ObjectRef): string => {
  if (resource.namespaced !== (namespace !== undefined)) {
    throw new TypeError(`namespace must ${resource.namespaced ? "" : "not "}be given for ${resource.plural}`);
  }
  return `${listPath(resource, namespace)}/${segment("name", name)}`;
};

/** The path of all objects of a kind, or of those in a namespace. */
export const listPath = (resource: Resource, namespace?: string): string => {
  const root = resource.group === "" ? "/api" : "/apis";
  const within = namespace === undefined ? "" : `/namespaces/${segment("namespace", namespace)}`;
  return `${root}/${apiVersionOf(resource)}${within}/${resource.plural}`;
};

function segment(argument: string, text: string): string {
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`${argument} must be the name of an object, not "${text}"`);
  return encodeURIComponent(text);
}
