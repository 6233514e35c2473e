/**
 * `namespace/ID`: the namespace of an object, and the Deployment whose label it has. Whoever may create objects in one
 * namespace can give them the label of any Deployment, so they say nothing about one in another namespace.
 */
export const ownerOf = (namespace: string, deploymentId: string): string => `${namespace}/${deploymentId}`;

/** The two parts of an owner. */
export function partsOf(owner: string): { namespace: string; deploymentId: string } {
  const [namespace = "", deploymentId = ""] = owner.split("/");
  return { namespace, deploymentId };
}
