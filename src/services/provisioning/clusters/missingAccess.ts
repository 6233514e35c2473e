import type { Access, KubernetesClient, Resource } from "../../../platform/kubernetes/kubernetes.ts";
import {
  deployments,
  helmReleases,
  jobs,
  namespaces,
  secrets,
  statefulSets,
} from "../../../platform/kubernetes/resources.ts";

/** What Houston is to do on a cluster. */
export interface Duties {
  /** The only namespaces in which it works; undefined: all, which it also creates and removes. */
  namespaces: readonly string[] | undefined;
  /** True if it runs Jobs of its own, too. */
  jobs: boolean;
}

/** The permissions that provisioning needs in the namespaces of Deployments. Server-side apply takes create and patch. */
const needed: readonly [Resource, readonly string[]][] = [
  [secrets, ["get", "create", "patch", "delete"]],
  [helmReleases, ["get", "list", "watch", "create", "patch", "delete"]],
  [deployments, ["list", "watch"]],
  [statefulSets, ["list", "watch"]],
];

/**
 * What the credentials of a client may not do although provisioning needs it, in words: "may not create, delete
 * helmreleases in any namespace". Throws KubernetesError if the cluster does not answer.
 */
export async function missingAccess(client: KubernetesClient, duties: Duties): Promise<string[]> {
  // Also tells whether this is a Kubernetes API if there is no namespace to ask about.
  await client.version();
  const inNamespaces = [...needed, ...(duties.jobs ? [[jobs, ["create", "patch"]] as const] : [])];
  const places: readonly (string | undefined)[] = duties.namespaces ?? [undefined];
  const questions = [
    ...(duties.namespaces ? [] : [{ resource: namespaces, verbs: ["get", "create", "patch", "delete"], place: "" }]),
    ...places.flatMap((namespace) =>
      inNamespaces.map(([resource, verbs]) => ({ resource, verbs, namespace, place: placeOf(namespace) })),
    ),
  ];
  const answers = questions.map(async ({ resource, verbs, place, ...where }) => {
    const refused = await Promise.all(verbs.map(async (verb) => !(await client.mayI(access(verb, resource, where)))));
    const missing = verbs.filter((_, n) => refused[n]);
    return missing.length === 0 ? [] : [`may not ${missing.join(", ")} ${resource.plural}${place}`];
  });
  return (await Promise.all(answers)).flat();
}

const placeOf = (namespace: string | undefined) =>
  namespace === undefined ? " in any namespace" : ` in namespace ${namespace}`;

const access = (verb: string, resource: Resource, { namespace }: { namespace?: string | undefined }): Access => ({
  verb,
  resource,
  ...(namespace !== undefined && { namespace }),
});
