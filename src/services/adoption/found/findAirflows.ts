import { inBatches } from "../../../platform/inBatches.ts";
import {
  type KubernetesClient,
  KubernetesError,
  type KubernetesObject,
  type ObjectRef,
} from "../../../platform/kubernetes/kubernetes.ts";
import { helmReleases, secrets } from "../../../platform/kubernetes/resources.ts";
import { fluxName } from "./fluxRelease.ts";
import { airflowOfFlux, airflowOfHelm, type FoundAirflow } from "./foundAirflow.ts";

/** Where to look. */
export interface Search {
  /** Undefined: in all namespaces. */
  namespaces: readonly string[] | undefined;
  /** True for a Helm release that is not to be found. */
  isExcluded(namespace: string, releaseName: string): boolean;
}

/** What Houston applies has this label. */
const NOT_OURS = "app.kubernetes.io/managed-by!=houston";

/** Secrets that are read at the same time: each may have 1 MiB. */
const AT_ONCE = 10;

/**
 * The Airflows that are installed on a cluster: by HelmReleases of Flux and, if Houston may list Secrets there, by Helm alone.
 * Throws KubernetesError if the cluster does not answer or refuses.
 */
export async function findAirflows(client: KubernetesClient, search: Search): Promise<FoundAirflow[]> {
  const found: FoundAirflow[] = [];
  const byFlux = new Set<string>();
  for (const scope of scopesOf(search)) {
    for await (const { items } of orNone(404, client.list(helmReleases, { ...scope, labelSelector: NOT_OURS }))) {
      for (const item of items) byFlux.add(fluxName(item));
      const airflows = await inBatches(items, AT_ONCE, (item) => airflowOfFlux(client, item));
      found.push(...airflows.filter((one) => one !== undefined));
    }
  }
  const others = (await storedReleases(client, search)).filter(
    ({ namespace, release }) => !byFlux.has(`${namespace}/${release}`) && !search.isExcluded(namespace, release),
  );
  const airflows = await inBatches(others, AT_ONCE, (one) => readStored(client, one));
  return [...found, ...airflows.filter((one) => one !== undefined)].filter(
    ({ namespace, releaseName }) => !search.isExcluded(namespace, releaseName),
  );
}

/** The Airflow of the HelmRelease of that name, or else of the Helm release; undefined if there is none. */
export async function findAirflow(
  client: KubernetesClient,
  { crName, crNamespace }: { crName: string; crNamespace: string },
): Promise<FoundAirflow | undefined> {
  const object = await helmRelease(client, { resource: helmReleases, namespace: crNamespace, name: crName });
  if (object) return airflowOfFlux(client, object);
  const stored = await storedReleases(client, { namespaces: [crNamespace], release: crName });
  return stored[0] && readStored(client, stored[0]);
}

/** The Secret with the newest version of a release. */
interface StoredRelease {
  namespace: string;
  release: string;
  version: number;
  secret: string;
}

/** The Helm releases that are deployed, whatever their charts. */
async function storedReleases(
  client: KubernetesClient,
  { namespaces, release }: { namespaces: readonly string[] | undefined; release?: string },
): Promise<StoredRelease[]> {
  const newest = new Map<string, StoredRelease>();
  const labelSelector = `owner=helm,status=deployed${release === undefined ? "" : `,name=${release}`}`;
  // Whoever asks for one release must be told that Houston may not look.
  const refused = release === undefined ? 403 : undefined;
  for (const scope of scopesOf({ namespaces })) {
    const pages = client.list(secrets, { ...scope, labelSelector, metadataOnly: true });
    for await (const { items } of orNone(refused, pages)) {
      for (const { metadata } of items) {
        const { namespace = "", name: secret, labels = {} } = metadata;
        const { name = "", version } = labels;
        const one = { namespace, release: name, version: Number(version), secret };
        const key = `${namespace}/${name}`;
        if (one.version > (newest.get(key)?.version ?? 0)) newest.set(key, one);
      }
    }
  }
  return [...newest.values()];
}

async function readStored(
  client: KubernetesClient,
  { namespace, release, secret: name }: StoredRelease,
): Promise<FoundAirflow | undefined> {
  const secret = await client.get({ resource: secrets, namespace, name });
  return secret && airflowOfHelm(release, secret);
}

const scopesOf = ({ namespaces }: Pick<Search, "namespaces">) =>
  namespaces ? namespaces.map((namespace) => ({ namespace })) : [{}];

/** Nothing if that is the status of the server's answer: 404 for a kind that it does not have, 403 if Houston may not. */
async function* orNone<T>(status: number | undefined, pages: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof KubernetesError && error.status === status && status !== undefined)) throw error;
  }
}

async function helmRelease(client: KubernetesClient, ref: ObjectRef): Promise<KubernetesObject | undefined> {
  try {
    return await client.get(ref);
  } catch (error) {
    // A cluster without Flux.
    if (error instanceof KubernetesError && error.status === 404) return undefined;
    throw error;
  }
}
