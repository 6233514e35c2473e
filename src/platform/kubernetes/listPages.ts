import { listPath } from "./apiPath.ts";
import type { Caller } from "./createCaller.ts";
import { KubernetesError, type KubernetesObject, type ListScope, type Page, type Resource } from "./kubernetes.ts";
import { received } from "./received.ts";

/** Maximum objects of a page, as kubectl asks for. */
const LIMIT = 500;

/** Maximum objects of a list. Kubernetes itself supports 150,000 pods on a cluster. */
const MAX_OBJECTS = 1_000_000;

/** Maximum pages without an object. A server may send some while it filters. */
const MAX_EMPTY = 1_000;

/** Asks for the metadata of objects only. The second is for servers that do not know the first. */
const METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** All objects of a scope, page by page; none is kept here. Throws KubernetesError for a list that does not end. */
export async function* listPages(caller: Caller, resource: Resource, scope: ListScope): AsyncGenerator<Page> {
  const { namespace, labelSelector, limit = LIMIT, metadataOnly, signal } = scope;
  const accept = metadataOnly ? { accept: METADATA } : {};
  let next: string | undefined;
  let objects = 0;
  let empty = 0;
  const readPage = async (): Promise<Page> => {
    const query = new URLSearchParams({
      limit: `${limit}`,
      ...(labelSelector !== undefined && { labelSelector }),
      ...(next !== undefined && { continue: next }),
    });
    const path = `${listPath(resource, namespace)}?${query}`;
    const { metadata, items } = (await caller.call({ method: "GET", path, signal, ...accept })) as List;
    const previous = next;
    next = metadata.continue || undefined;
    if (next !== undefined && next === previous) throw endless("repeats a page of a list");
    const { length } = items ?? [];
    objects += length;
    if (objects > MAX_OBJECTS) throw endless(`lists more than ${MAX_OBJECTS} objects`);
    if (length === 0) empty += 1;
    if (empty > MAX_EMPTY) throw endless(`lists more than ${MAX_EMPTY} empty pages`);
    for (const item of items ?? []) received(item, resource);
    return { items: items ?? [], resourceVersion: metadata.resourceVersion };
  };
  do {
    yield await readPage();
  } while (next !== undefined);
}

interface List {
  metadata: { resourceVersion: string; continue?: string };
  /** null instead of an empty list, in some versions. */
  items: KubernetesObject[] | null;
}

const endless = (what: string) => new KubernetesError(`The Kubernetes API ${what}`);
